Attribute VB_Name = "SalesPlanResults"
Option Explicit
Option Private Module
' What comes back from Python becomes what a cell shows. An error travels as text behind Chr(1):
'   Chr(1) & "E" & number & Chr(1) & reason      an error value, its reason kept for SALES_WHY
'   a last row that starts with Chr(1) & "N"     a note on the result, kept and taken off
' Reasons are kept a caller (its address) as  Chr(1) & "row,column" & Chr(2) & reason  one after the other.

Private Const MOST_REASONS As Long = 200
Private gReasons As Collection

Public Function SalesPlanResult(ByVal result As Variant) As Variant
    SalesPlanResult = SalesPlanResultAt(result, SalesPlanCallerKey())
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
    SalesPlanKeep key, said
    SalesPlanResultAt = result
End Function

Public Function SalesPlanFailure(ByVal said As String) As Variant
    SalesPlanKeep SalesPlanCallerKey(), Chr(1) & "1,1" & Chr(2) & SalesPlanText("why.python") & " " & said
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

Private Function SalesPlanCallerKey() As String
    On Error GoTo none
    If TypeOf Application.Caller Is Range Then SalesPlanCallerKey = SalesPlanKey(Application.Caller.Cells(1, 1))
none:
End Function

Private Function SalesPlanKey(ByVal cell As Object) As String
    SalesPlanKey = cell.Address(External:=True)
End Function

Public Sub SalesPlanKeep(ByVal key As String, ByVal said As String)
    If gReasons Is Nothing Then Set gReasons = New Collection
    If key = "" Then key = "?"
    On Error Resume Next
    gReasons.Remove key
    If said <> "" Then gReasons.Add said & Chr(1), key
End Sub

Public Function SalesPlanKept(ByVal key As String, ByVal place As String) As String
    Dim said As String
    Dim start As Long
    If gReasons Is Nothing Then Exit Function
    On Error GoTo none
    said = gReasons.Item(key)
    start = InStr(said, Chr(1) & place & Chr(2))
    If start = 0 Then Exit Function
    start = start + Len(place) + 2
    SalesPlanKept = Mid(said, start, InStr(start, said, Chr(1)) - start)
none:
End Function

' SALES_WHY(A1): the reason kept for A1's error, or the note on its result.
Public Function SalesPlanIsCell(ByVal first As Variant, ByVal others As Long) As Boolean
    If others < 0 Then SalesPlanIsCell = IsObject(first)
End Function

Public Function SalesPlanWhy(ByVal cells As Object) As String
    Dim cell As Object, anchor As Object
    Dim place As String, said As String
    Set cell = cells.Cells(1, 1)
    Set anchor = SalesPlanAnchor(cell)
    place = (cell.Row - anchor.Row + 1) & "," & (cell.Column - anchor.Column + 1)
    If Not IsError(cell.Value) Then place = "0,0"
    said = SalesPlanKept(SalesPlanKey(anchor), place)
    If said = "" Then said = SalesPlanAgain(anchor, place)
    If said = "" And place = "0,0" Then
        SalesPlanWhy = SalesPlanText("why.fine")
    ElseIf said = "" Then
        SalesPlanWhy = cell.Text & " " & SalesPlanText("why.elsewhere")
    ElseIf place = "0,0" Then
        SalesPlanWhy = said
    Else
        SalesPlanWhy = cell.Text & " " & said
    End If
End Function

Private Function SalesPlanAnchor(ByVal cell As Object) As Object
    Set SalesPlanAnchor = cell
    On Error Resume Next ' older Excel knows no spills
    If cell.HasArray Then Set SalesPlanAnchor = cell.CurrentArray.Cells(1, 1)
    If cell.HasSpill Then Set SalesPlanAnchor = cell.SpillParent
End Function

' A value from before this session has no reason kept: evaluate the cell's formula once more if it is a call of ours.
Private Function SalesPlanAgain(ByVal anchor As Object, ByVal place As String) As String
    Dim ignored As Variant
    On Error GoTo none
    If InStr(1, anchor.Formula, "SALES_", 1) = 0 Or InStr(1, anchor.Formula, "SALES_WHY", 1) > 0 Then Exit Function
    SalesPlanKeep "?", ""
    ignored = anchor.Worksheet.Evaluate(anchor.Formula)
    SalesPlanAgain = SalesPlanKept("?", place)
    If SalesPlanAgain = "" Then SalesPlanAgain = SalesPlanKept(SalesPlanKey(anchor), place)
none:
End Function
