Attribute VB_Name = "SalesPlanTexts"
Option Explicit
Option Private Module
' Texts stand on the sheet Texts (key, zh, en), since this source is in one ANSI code page and Chinese is not.

Private gTexts As Collection
Private gLanguages As Collection

' A text in the language of Excel's menus.
Public Function SalesPlanText(ByVal key As String) As String
    SalesPlanText = SalesPlanTextIn(key, SalesPlanMenuLanguage())
End Function

Public Function SalesPlanTextIn(ByVal key As String, ByVal language As String) As String
    On Error GoTo unknown
    If gTexts Is Nothing Then SalesPlanLoadTexts
    SalesPlanTextIn = gTexts.Item(language & ":" & key)
    Exit Function
unknown:
    SalesPlanTextIn = key
End Function

Private Sub SalesPlanLoadTexts()
    Dim sheet As Object
    Dim r As Long
    Dim key As String
    Set gTexts = New Collection
    Set sheet = ThisWorkbook.Worksheets("Texts")
    r = 2
    Do While sheet.Cells(r, 1).Value <> ""
        key = sheet.Cells(r, 1).Value
        gTexts.Add CStr(sheet.Cells(r, 2).Value), "zh:" & key
        gTexts.Add CStr(sheet.Cells(r, 3).Value), "en:" & key
        r = r + 1
    Loop
End Sub

' The language of Excel's menus: zh for every kind of Chinese, else en.
Public Function SalesPlanMenuLanguage() As String
    SalesPlanMenuLanguage = "zh"
    On Error GoTo unknown
    If (Application.LanguageSettings.LanguageID(2) And 1023) <> 4 Then SalesPlanMenuLanguage = "en"
unknown:
End Function

' What a function must know of the workbook it stands in: its language, and its as-of date if it has one ("zh 46660").
Public Function SalesPlanContext() As String
    SalesPlanContext = SalesPlanLanguage()
    On Error GoTo none
    ' Value, not Value2: in a workbook that counts its days from 1904, Value2 is four years less.
    SalesPlanContext = SalesPlanContext & " " & CLng(Int(CDbl(SalesPlanCallerBook().Names("as_of").RefersToRange.Value)))
none:
End Function

' The language a function answers in: that of the workbook it stands in if the workbook says so (its document property), else
' that of the menus. Asked once a workbook, since it is needed for every call.
Public Function SalesPlanLanguage() As String
    Dim book As Object
    Dim said As String
    On Error GoTo menus
    If gLanguages Is Nothing Then Set gLanguages = New Collection
    Set book = SalesPlanCallerBook()
    said = SalesPlanKnownLanguage(book.Name)
    If said = "" Then
        said = SalesPlanBookLanguage(book)
        gLanguages.Add said, book.Name
    End If
    SalesPlanLanguage = said
    Exit Function
menus:
    SalesPlanLanguage = SalesPlanMenuLanguage()
End Function

Private Function SalesPlanKnownLanguage(ByVal name As String) As String
    On Error Resume Next
    SalesPlanKnownLanguage = gLanguages.Item(name)
End Function

Private Function SalesPlanCallerBook() As Object
    Set SalesPlanCallerBook = ActiveWorkbook
    On Error Resume Next
    If TypeOf Application.Caller Is Range Then Set SalesPlanCallerBook = Application.Caller.Worksheet.Parent
End Function

Private Function SalesPlanBookLanguage(ByVal book As Object) As String
    Dim said As String
    On Error Resume Next
    said = LCase(book.BuiltinDocumentProperties("Language").Value)
    On Error GoTo 0
    If Left(said, 2) = "en" Then
        SalesPlanBookLanguage = "en"
    ElseIf Left(said, 2) = "zh" Then
        SalesPlanBookLanguage = "zh"
    Else
        SalesPlanBookLanguage = SalesPlanMenuLanguage()
    End If
End Function
