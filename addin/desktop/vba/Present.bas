Attribute VB_Name = "SalesPlanPresentValues"
Option Explicit
Option Private Module
' Excel for Mac starts no Python for a cell. There a function gives the value back that its cell had when the workbook was opened.
' It is taken then, since a function that reads its own cell's value makes a circular reference; the text it may read, so text and
' formula prove that the cell is still the same one. A sheet with a formula that reckons with what a function gives (2*SALES_X) can't
' be helped so: it is not recalculated in this session at all, which is not saved in the file.

Private gValues As Collection
Private gTold As Boolean

' A workbook was opened: its cells with our functions and their values.
Public Sub SalesPlanKeepValues(ByVal book As Object)
    Dim sheet As Object
    Dim formulas As Variant
    Dim r As Long, c As Long
    If gValues Is Nothing Then Set gValues = New Collection
    On Error Resume Next ' a sheet that can't be read is left out
    For Each sheet In book.Worksheets
        formulas = sheet.UsedRange.Formula
        If IsArray(formulas) Then
            For r = 1 To UBound(formulas, 1)
                For c = 1 To UBound(formulas, 2)
                    SalesPlanKeepIfOurs sheet, r, c, formulas(r, c)
                Next c
            Next r
        Else
            SalesPlanKeepIfOurs sheet, 1, 1, formulas
        End If
    Next sheet
End Sub

Private Sub SalesPlanKeepIfOurs(ByVal sheet As Object, ByVal r As Long, ByVal c As Long, ByVal formula As String)
    If InStr(1, formula, "SALES_", 1) = 0 Then Exit Sub
    SalesPlanTellOnce
    SalesPlanKeepValue sheet.UsedRange.Cells(r, c)
    If Not SalesPlanAllPassedOn(formula) Then sheet.EnableCalculation = False
End Sub

Public Function SalesPlanAllPassedOn(ByVal formula As String) As Boolean
    Dim name As Variant
    For Each name In Split(Trim(SalesPlanNames(formula)), " ")
        If Not SalesPlanPassedOn(formula, name) Then Exit Function
    Next name
    SalesPlanAllPassedOn = True
End Function

Private Sub SalesPlanKeepValue(ByVal cell As Object)
    Dim whole As Object
    If SalesPlanAnchor(cell).Address <> cell.Address Then Exit Sub
    Set whole = cell
    On Error Resume Next ' older Excel knows no spills
    If cell.HasArray Then Set whole = cell.CurrentArray
    If cell.HasSpill Then Set whole = cell.SpillingToRange
    SalesPlanKeepPresent SalesPlanKey(cell), cell.FormulaR1C1, cell.Text, whole.Value2
End Sub

Public Sub SalesPlanKeepPresent(ByVal key As String, ByVal formula As String, ByVal text As String, ByVal value As Variant)
    If gValues Is Nothing Then Set gValues = New Collection
    On Error Resume Next
    gValues.Remove key
    gValues.Add Array(formula, text, value), key
End Sub

' The value kept for a cell, if it is the same cell still; else the error that says why there is none.
Public Function SalesPlanPresent(ByVal name As String) As Variant
    Dim cell As Object
    SalesPlanTellOnce
    On Error GoTo none
    Set cell = Application.Caller.Cells(1, 1)
    If Not SalesPlanPassedOn(cell.Formula, name) Then GoTo none
    SalesPlanPresent = SalesPlanPresentOf(SalesPlanKey(cell), cell.FormulaR1C1, cell.Text)
    Exit Function
none:
    SalesPlanPresent = SalesPlanFailure(name, SalesPlanText("why.mac"))
End Function

' Raises an error where none is kept.
Public Function SalesPlanPresentOf(ByVal key As String, ByVal formula As String, ByVal text As String) As Variant
    Dim kept As Variant
    kept = gValues.Item(key)
    If kept(0) <> formula Or kept(1) <> text Then Err.Raise 5
    SalesPlanPresentOf = kept(2)
End Function

' Whether what the function gives is what the cell shows: in =SALES_X(...) and =IF(a,"",SALES_X(...)) it is, in =2*SALES_X(...)
' it is not, and the cell's value given back there would be counted twice.
Public Function SalesPlanPassedOn(ByVal formula As String, ByVal name As String) As Boolean
    Dim at As Long, found As Long
    Dim quoted As String, letter As String, word As String, stack As String
    For at = 1 To Len(formula)
        letter = Mid(formula, at, 1)
        If quoted <> "" Then
            If letter = quoted Then quoted = ""
        ElseIf letter = Chr(34) Or letter = "'" Then
            quoted = letter
        ElseIf letter = "(" Then
            If UCase(word) = UCase(name) Then
                found = found + 1
                If Not SalesPlanBare(formula, at, Len(word)) Then Exit Function
                If Not SalesPlanHandedOn(formula, stack) Then Exit Function
            End If
            stack = stack & "/" & UCase(word) & "," & at & ",1"
            word = ""
        ElseIf letter = ")" Then
            If stack <> "" Then stack = Left(stack, InStrRev(stack, "/") - 1)
            word = ""
        ElseIf letter = "," Then
            If stack <> "" Then stack = Left(stack, InStrRev(stack, ",")) & "2"
            word = ""
        ElseIf InStr("=+-*/^&<>{}; !", letter) > 0 Then
            word = ""
        Else
            word = word & letter
        End If
    Next at
    SalesPlanPassedOn = found > 0
End Function

' Every function around the call, as  /NAME,where its bracket opens,which argument  hands that argument on.
Private Function SalesPlanHandedOn(ByVal formula As String, ByVal stack As String) As Boolean
    Dim level As Variant, parts As Variant
    For Each level In Split(Mid(stack, 2), "/")
        parts = Split(level, ",")
        If InStr(" IF 2 IFERROR 1 IFERROR 2 IFNA 1 IFNA 2 ", " " & parts(0) & " " & parts(2) & " ") = 0 Then Exit Function
        If Not SalesPlanBare(formula, CLng(parts(1)), Len(parts(0))) Then Exit Function
    Next level
    SalesPlanHandedOn = True
End Function

' The call whose bracket opens here: nothing is reckoned with it.
Private Function SalesPlanBare(ByVal formula As String, ByVal at As Long, ByVal length As Long) As Boolean
    Dim before As String, after As String
    before = Left(formula, at - length - 1)
    If Right(before, 1) = "!" Then before = Left(before, SalesPlanBeforeBook(before))
    before = Right(RTrim(before), 1)
    after = Left(LTrim(Mid(formula, SalesPlanClosing(formula, at) + 1)), 1)
    If before = "" Then Exit Function
    SalesPlanBare = InStr("=(,", before) > 0 And (after = "" Or after = ")" Or after = ",")
End Function

' Where the name of another workbook before "!" begins, less one.
Private Function SalesPlanBeforeBook(ByVal before As String) As Long
    Dim at As Long
    at = Len(before) - 1
    If Mid(before, at, 1) = "'" Then
        at = InStrRev(before, "'", at - 1)
    Else
        Do While at > 0
            If InStr("=(,+-*/^&<> ", Mid(before, at, 1)) > 0 Then Exit Do
            at = at - 1
        Loop
        at = at + 1
    End If
    SalesPlanBeforeBook = at - 1
End Function

Private Function SalesPlanClosing(ByVal formula As String, ByVal at As Long) As Long
    Dim depth As Long
    Dim quoted As String, letter As String
    Do While at <= Len(formula)
        letter = Mid(formula, at, 1)
        If quoted <> "" Then
            If letter = quoted Then quoted = ""
        ElseIf letter = Chr(34) Or letter = "'" Then
            quoted = letter
        ElseIf letter = "(" Then
            depth = depth + 1
        ElseIf letter = ")" Then
            depth = depth - 1
            If depth = 0 Then Exit Do
        End If
        at = at + 1
    Loop
    SalesPlanClosing = at
End Function

Private Sub SalesPlanTellOnce()
    If gTold Then Exit Sub
    gTold = True
    MsgBox SalesPlanText("mac.functions"), vbInformation, "SalesPlan"
End Sub
