Attribute VB_Name = "SalesPlanRibbon"
Option Explicit
#Const App = "Microsoft Excel"
' One callback for every button: the control's id goes to Python, which finds the action of that name. A new button needs no VBA.

Sub SalesPlanClicked(control As IRibbonControl)
    Dim said As String
    #If Mac Then
        If ActiveWorkbook Is Nothing Then
            MsgBox SalesPlanText("ribbon.open"), vbExclamation, "SalesPlan"
            Exit Sub
        End If
        said = SalesPlanRun(control.ID, SalesPlanMenuLanguage())
    #Else
        said = SalesPlanWithoutAlerts(control.ID, SalesPlanMenuLanguage())
    #End If
    If said <> "" Then SalesPlanSay SalesPlanText("ribbon.python") & vbCrLf & vbCrLf & said
End Sub

' After some 90 seconds Excel says that it waits for another program, over our own question too; without alerts it waits quietly.
' Python's own questions and file dialogs are none of Excel's alerts and are shown.
Private Function SalesPlanWithoutAlerts(ByVal id As String, ByVal language As String) As String
    Dim alerts As Boolean
    alerts = Application.DisplayAlerts
    On Error GoTo failed
    Application.DisplayAlerts = False
    SalesPlanWithoutAlerts = SalesPlanRun(id, language)
    Application.DisplayAlerts = alerts
    Exit Function
failed:
    SalesPlanWithoutAlerts = SalesPlanSaid(Err.Number, Err.Description)
    Application.DisplayAlerts = alerts
End Function

' On the Mac xlwings' Python runs this by name as it ends: for that it must be public, and in a module that is not private.
Public Sub CleanUp()
    XlwingsCleanUp
End Sub

Sub SalesPlanLabel(control As IRibbonControl, ByRef text)
    text = SalesPlanText(control.ID & ".label")
End Sub

Sub SalesPlanScreentip(control As IRibbonControl, ByRef text)
    text = SalesPlanText(control.ID & ".label")
End Sub

Sub SalesPlanSupertip(control As IRibbonControl, ByRef text)
    text = SalesPlanText(control.ID & ".tip")
End Sub

Private Sub SalesPlanSay(ByVal said As String)
    #If Mac Then
        MsgBox said, vbExclamation, "SalesPlan"
    #Else
        ' MsgBox shows question marks for Chinese on a system of another language; this one is Unicode.
        CreateObject("WScript.Shell").Popup said, 0, "SalesPlan", 48
    #End If
End Sub
