Attribute VB_Name = "SalesPlanResults"
Option Explicit
Option Private Module
' What comes back from Python becomes what a cell shows. An error travels as text behind Chr(1):
'   Chr(1) & "E" & number & Chr(1) & reason      an error value, its reason kept for SALES_WHY
'   a last row that starts with Chr(1) & "N"     a note on the result, kept and taken off
' Reasons are kept a caller (its address and the function) as  Chr(1) & "row,column" & Chr(2) & reason  one after the other;
' of a result without any, that it was had is kept.

Private Const MOST_REASONS As Long = 200
Private Const LONGEST As Long = 255 ' characters that Worksheet.Evaluate takes
Private gReasons As Collection
Private gCalls As Long

Public Function SalesPlanResult(ByVal name As String, ByVal result As Variant) As Variant
    SalesPlanResult = SalesPlanResultAt(result, SalesPlanCallerKey() & "|" & name)
End Function

Public Function SalesPlanResultAt(ByVal result As Variant, ByVal key As String) As Variant
    Dim said As String
    Dim count As Long
    Select Case SalesPlanDimensions(result)
        Case 0
            result = SalesPlanCell(result, 1, 1, said, count)
        Case 1
            SalesPlanRow result, said, count
        Case Else
            SalesPlanTakeNote result, said
            If SalesPlanDimensions(result) = 0 Then
                result = SalesPlanCell(result, 1, 1, said, count)
            Else
                SalesPlanRows result, said, count
            End If
    End Select
    If count > MOST_REASONS Then said = said & Chr(1) & "more" & Chr(2) & count
    SalesPlanKeep key, said
    gCalls = gCalls + 1
    SalesPlanResultAt = result
End Function

Public Function SalesPlanFailure(ByVal name As String, ByVal said As String) As Variant
    SalesPlanKeep SalesPlanCallerKey() & "|" & name, Chr(1) & "1,1" & Chr(2) & said
    SalesPlanFailure = CVErr(2015)
End Function

Private Function SalesPlanCell(ByVal value As Variant, ByVal r As Long, ByVal c As Long, said As String, count As Long) As Variant
    Dim cut As Long
    If VarType(value) <> 8 Then
        SalesPlanCell = value
    ElseIf Left(value, 2) <> Chr(1) & "E" Then
        SalesPlanCell = value
    Else
        cut = InStr(3, value, Chr(1))
        count = count + 1
        If count <= MOST_REASONS Then said = said & Chr(1) & r & "," & c & Chr(2) & Mid(value, cut + 1)
        SalesPlanCell = CVErr(CLng(Mid(value, 3, cut - 3)))
    End If
End Function

Private Sub SalesPlanRow(result As Variant, said As String, count As Long)
    Dim c As Long
    For c = LBound(result) To UBound(result)
        result(c) = SalesPlanCell(result(c), 1, c - LBound(result) + 1, said, count)
    Next c
End Sub

Private Sub SalesPlanRows(result As Variant, said As String, count As Long)
    Dim r As Long, c As Long
    For r = LBound(result, 1) To UBound(result, 1)
        For c = LBound(result, 2) To UBound(result, 2)
            result(r, c) = SalesPlanCell(result(r, c), r - LBound(result, 1) + 1, c - LBound(result, 2) + 1, said, count)
        Next c
    Next r
End Sub

Private Sub SalesPlanTakeNote(result As Variant, said As String)
    Dim last As Long, r As Long, c As Long
    Dim first As Variant
    Dim rest() As Variant
    last = UBound(result, 1)
    first = result(last, LBound(result, 2))
    If VarType(first) <> 8 Then Exit Sub
    If Left(first, 2) <> Chr(1) & "N" Then Exit Sub
    said = Chr(1) & "0,0" & Chr(2) & Mid(first, 3)
    If last - LBound(result, 1) = 1 And UBound(result, 2) = LBound(result, 2) Then
        result = result(LBound(result, 1), LBound(result, 2))
        Exit Sub
    End If
    ReDim rest(LBound(result, 1) To last - 1, LBound(result, 2) To UBound(result, 2))
    For r = LBound(result, 1) To last - 1
        For c = LBound(result, 2) To UBound(result, 2)
            rest(r, c) = result(r, c)
        Next c
    Next r
    result = rest
End Sub

Public Function SalesPlanDimensions(ByVal value As Variant) As Long
    Dim upper As Long
    If Not IsArray(value) Then Exit Function
    SalesPlanDimensions = 1
    On Error GoTo one
    upper = UBound(value, 2)
    SalesPlanDimensions = 2
one:
End Function

' ----------------------------------------------------------------------------------------------------------- the reasons

' The cell that is being calculated; "?" where it is none.
Public Function SalesPlanCallerKey() As String
    SalesPlanCallerKey = "?"
    On Error GoTo none
    If TypeOf Application.Caller Is Range Then SalesPlanCallerKey = SalesPlanKey(Application.Caller.Cells(1, 1))
none:
End Function

Public Function SalesPlanKey(ByVal cell As Object) As String
    SalesPlanKey = cell.Address(External:=True)
End Function

Public Sub SalesPlanKeep(ByVal key As String, ByVal said As String)
    If gReasons Is Nothing Then Set gReasons = New Collection
    On Error Resume Next
    gReasons.Remove key
    gReasons.Add said & Chr(1), key
End Sub

Private Function SalesPlanRecord(ByVal key As String) As String
    If gReasons Is Nothing Then Exit Function
    On Error GoTo none
    SalesPlanRecord = gReasons.Item(key)
none:
End Function

Public Function SalesPlanKept(ByVal key As String, ByVal place As String) As String
    Dim said As String
    Dim start As Long
    said = SalesPlanRecord(key)
    start = InStr(said, Chr(1) & place & Chr(2))
    If start = 0 Then Exit Function
    start = start + Len(place) + 2
    SalesPlanKept = Mid(said, start, InStr(start, said, Chr(1)) - start)
End Function

' SALES_WHY(A1): the reason kept for A1's error, or the note on its result.
Public Function SalesPlanIsCell(ByVal first As Variant, ByVal others As Long) As Boolean
    If others < 0 Then SalesPlanIsCell = IsObject(first)
End Function

Public Function SalesPlanWhy(ByVal cells As Object) As String
    Dim cell As Object, anchor As Object
    Dim place As String, formula As String, said As String, way As String
    Set cell = cells.Cells(1, 1)
    Set anchor = SalesPlanAnchor(cell)
    place = (cell.Row - anchor.Row + 1) & "," & (cell.Column - anchor.Column + 1)
    If Not IsError(cell.Value) Then place = "0,0"
    formula = SalesPlanFormula(anchor)
    said = SalesPlanReason(SalesPlanKey(anchor), formula, place)
    way = SalesPlanWay(SalesPlanKey(anchor), formula)
    If said = "" And way = "again" Then
        way = SalesPlanAgain(anchor, formula)
        said = SalesPlanReason(SalesPlanKey(anchor), formula, place)
    End If
    SalesPlanWhy = SalesPlanAnswer(cell.Text, place, said, way)
End Function

Public Function SalesPlanAnchor(ByVal cell As Object) As Object
    Set SalesPlanAnchor = cell
    On Error Resume Next ' older Excel knows no spills
    If cell.HasArray Then Set SalesPlanAnchor = cell.CurrentArray.Cells(1, 1)
    If cell.HasSpill Then Set SalesPlanAnchor = cell.SpillParent
End Function

' As it is typed: Formula shows an @ where older Excel would have intersected.
Private Function SalesPlanFormula(ByVal cell As Object) As String
    On Error Resume Next
    SalesPlanFormula = cell.Formula
    SalesPlanFormula = cell.Formula2
End Function

' Our functions in a formula, as  "SALES_X SALES_Y ";  each as often as it stands there.
Public Function SalesPlanNames(ByVal formula As String) As String
    Dim at As Long, last As Long
    at = InStr(1, formula, "SALES_", 1)
    Do While at > 0
        last = at
        Do While Mid(formula, last, 1) Like "[A-Za-z0-9_]"
            last = last + 1
        Loop
        If Mid(formula, last, 1) = "(" Then SalesPlanNames = SalesPlanNames & UCase(Mid(formula, at, last - at)) & " "
        at = InStr(last, formula, "SALES_", 1)
    Loop
End Function

' The first reason kept for a place by one of the functions in the cell.
Public Function SalesPlanReason(ByVal key As String, ByVal formula As String, ByVal place As String) As String
    Dim name As Variant
    For Each name In Split(Trim(SalesPlanNames(formula)), " ")
        SalesPlanReason = SalesPlanKept(key & "|" & name, place)
        If SalesPlanReason <> "" Then Exit Function
    Next name
    For Each name In Split(Trim(SalesPlanNames(formula)), " ")
        If place <> "0,0" And SalesPlanKept(key & "|" & name, "more") <> "" Then SalesPlanReason = SalesPlanText("why.more")
    Next name
End Function

' What can be said of a cell for whose error nothing is kept. elsewhere: it calls no function of ours. known: all of them were
' heard in this session and gave no error. long: Excel can't evaluate it for us. again: it can.
Public Function SalesPlanWay(ByVal key As String, ByVal formula As String) As String
    Dim names As String
    Dim name As Variant
    names = SalesPlanNames(formula)
    SalesPlanWay = "elsewhere"
    If names = "" Then Exit Function
    SalesPlanWay = "known"
    For Each name In Split(Trim(names), " ")
        If SalesPlanRecord(key & "|" & name) = "" Then SalesPlanWay = "again"
        If SalesPlanTwice(" " & names, " " & name & " ") Then SalesPlanWay = "again" ' only the last result is kept
    Next name
    If SalesPlanWay = "again" And Len(formula) > LONGEST Then SalesPlanWay = "long"
    If InStr(names, "SALES_WHY ") > 0 Then SalesPlanWay = "elsewhere"
End Function

Private Function SalesPlanTwice(ByVal names As String, ByVal name As String) As Boolean
    SalesPlanTwice = InStr(InStr(names, name) + 1, names, name) > 0
End Function

' The cell's formula is evaluated once more. While it is, Excel gives the asking cell as the caller, so what is heard is kept
' under that one, and moved.
Private Function SalesPlanAgain(ByVal anchor As Object, ByVal formula As String) As String
    Dim ignored As Variant
    Dim before As Long
    SalesPlanAgain = "unheard"
    before = gCalls
    SalesPlanMove SalesPlanCallerKey(), "", formula
    SalesPlanMove "?", "", formula
    On Error GoTo none
    ignored = anchor.Worksheet.Evaluate(formula)
none:
    SalesPlanMove SalesPlanCallerKey(), SalesPlanKey(anchor), formula
    SalesPlanMove "?", SalesPlanKey(anchor), formula
    If gCalls > before Then SalesPlanAgain = SalesPlanWay(SalesPlanKey(anchor), formula)
    If SalesPlanAgain <> "known" Then SalesPlanAgain = "unheard"
End Function

' What is kept of the formula's functions under one cell is kept under another, or forgotten.
Public Sub SalesPlanMove(ByVal from As String, ByVal key As String, ByVal formula As String)
    Dim name As Variant
    Dim said As String
    For Each name In Split(Trim(SalesPlanNames(formula)), " ")
        said = SalesPlanRecord(from & "|" & name)
        If said <> "" Then
            If key <> "" Then SalesPlanKeep key & "|" & name, Left(said, Len(said) - 1)
            gReasons.Remove from & "|" & name
        End If
    Next name
End Sub

Public Function SalesPlanAnswer(ByVal shown As String, ByVal place As String, ByVal said As String, ByVal way As String) As String
    If said <> "" Then
        SalesPlanAnswer = said
    ElseIf place <> "0,0" Then
        SalesPlanAnswer = SalesPlanText("why." & way)
    ElseIf way = "known" Or way = "elsewhere" Then
        SalesPlanAnswer = SalesPlanText("why.fine")
    Else
        SalesPlanAnswer = SalesPlanText("why.note")
    End If
    If place <> "0,0" Then SalesPlanAnswer = shown & " " & SalesPlanAnswer
End Function
