Attribute VB_Name = "SalesPlanRibbon"
Option Explicit
#Const App = "Microsoft Excel"
' One callback for every button: the control's id goes to Python, which finds the action of that name. A new button needs no VBA.

Sub SalesPlanClicked(control As IRibbonControl)
    Dim said As String
    On Error GoTo failed
    #If Mac Then
        If ActiveWorkbook Is Nothing Then
            MsgBox SalesPlanText("ribbon.open"), vbExclamation, "SalesPlan"
            Exit Sub
        End If
        RunPython "import addin.desktop.ribbon as r;r.clicked('" & control.ID & "','" & SalesPlanMenuLanguage() & "')"
    #Else
        XLPy.Call XLPy.Module("addin.desktop.ribbon"), "clicked", XLPy.Tuple(control.ID, SalesPlanMenuLanguage(), ActiveWorkbook)
    #End If
    Exit Sub
failed:
    said = SalesPlanText("ribbon.python") & vbCrLf & vbCrLf & Err.Description
    SalesPlanSay said
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
