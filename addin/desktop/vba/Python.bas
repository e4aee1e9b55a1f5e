Attribute VB_Name = "SalesPlanPython"
Option Explicit
Option Private Module
' The one way to Python: every function and every button goes through here, and nothing else names XLPy.
' A Python that starts but can't serve makes xlwings' library try for a minute, and for every cell anew. So a failure is
' remembered for some minutes and answered at once with its reason; a click on a button forgets it and tries again.

Private Const REMEMBERED As Double = 300 ' seconds
Private Const BELIEVED As Double = 5 ' seconds that a setting is not read again
Private Const MOST_FAILED As Long = 3 ' calls in a row that reached Python and failed
Private gSaid As String
Private gFailedAt As Double
Private gFailedCalls As Long
Private gMissed As Boolean ' a cell shows an error because Python could not be reached
Private gSettings As Collection
Private gReadAt As Double

' A function in a cell: its result as the cell shows it.
Public Function SalesPlanCall(ByVal name As String, ByVal arguments As Variant) As Variant
    #If Mac Then
        SalesPlanCall = SalesPlanPresent(name)
    #Else
        Dim said As String
        Dim result As Variant
        said = SalesPlanRecalled(SalesPlanSeconds())
        If said = "" Then said = SalesPlanTried(name, arguments, result)
        If said = "" Then
            SalesPlanCall = SalesPlanResult(name, result)
        Else
            gMissed = True
            SalesPlanCall = SalesPlanFailure(name, SalesPlanText("why.python") & " " & said)
        End If
    #End If
End Function

' A button: why it failed, or nothing. What is remembered is forgotten first: a click is how a person tries again.
Public Function SalesPlanRun(ByVal id As String, ByVal language As String) As String
    #If Mac Then
        On Error GoTo failed
        RunPython "import addin.desktop.ribbon as r;r.clicked('" & id & "','" & language & "')"
        Exit Function
    #Else
        Dim server As Object
        Dim reached As Boolean
        SalesPlanForget
        On Error GoTo failed
        Set server = XLPy()
        reached = True
        server.Call server.Module("addin.desktop.ribbon"), "clicked", server.Tuple(id, language, ActiveWorkbook)
        SalesPlanCatchUp
        Exit Function
    #End If
failed:
    SalesPlanRun = SalesPlanSaid(Err.Number, Err.Description)
    #If Mac Then
    #Else
        If Not reached Then SalesPlanRemember SalesPlanRun, SalesPlanSeconds()
    #End If
End Function

' Why the call failed, or nothing. A Python that was ended meanwhile is started once more; one that can't be reached is not.
Private Function SalesPlanTried(ByVal name As String, ByVal arguments As Variant, result As Variant) As String
    Dim server As Object
    Dim attempts As Long
    Dim reached As Boolean
    On Error GoTo failed
again:
    SalesPlanTried = ""
    reached = False
    attempts = attempts + 1
    Set server = XLPy()
    reached = True
    result = server.CallUDF("addin.desktop.functions", name, (arguments), Nothing, Application.Caller)
    gFailedCalls = 0
    Exit Function
failed:
    SalesPlanTried = SalesPlanSaid(Err.Number, Err.Description)
    If reached And attempts = 1 Then Resume again
    SalesPlanCount reached, SalesPlanTried, SalesPlanSeconds()
End Function

' Cells that could not reach Python are computed now that it is there: nothing else would make Excel do it.
Private Sub SalesPlanCatchUp()
    If Not gMissed Then Exit Sub
    gMissed = False
    On Error Resume Next ' the button did its work all the same
    Application.CalculateFull
End Sub

' One call that fails though Python was reached may be chance (Excel was busy); some in a row are not.
Public Sub SalesPlanCount(ByVal reached As Boolean, ByVal said As String, ByVal at As Double)
    gFailedCalls = gFailedCalls + 1
    If Not reached Or gFailedCalls >= MOST_FAILED Then SalesPlanRemember said, at
End Sub

Public Sub SalesPlanRemember(ByVal said As String, ByVal at As Double)
    gSaid = said
    gFailedAt = at
End Sub

Public Function SalesPlanRecalled(ByVal at As Double) As String
    If at >= gFailedAt And at - gFailedAt < REMEMBERED Then SalesPlanRecalled = gSaid
End Function

Public Sub SalesPlanForget()
    gSaid = ""
    gFailedCalls = 0
End Sub

Public Function SalesPlanSaid(ByVal number As Long, ByVal description As String) As String
    SalesPlanSaid = description
    If SalesPlanSaid = "" Then SalesPlanSaid = "error " & number
End Function

Public Function SalesPlanSeconds() As Double
    SalesPlanSeconds = CDbl(Now) * 86400
End Function

' xlwings reads its settings (a sheet and a file) 14 times a call: once in some seconds will do.
Public Function GetConfig(configKey As String, Optional default As String = "", Optional source As String = "") As Variant
    Dim key As String
    Dim at As Double
    Dim value As Variant
    at = SalesPlanSeconds()
    key = configKey & "|" & default & "|" & source
    If gSettings Is Nothing Or at < gReadAt Or at - gReadAt >= BELIEVED Then
        Set gSettings = New Collection
        gReadAt = at
    End If
    If Not SalesPlanSetting(key, value) Then
        value = GetConfigAnew(configKey, default, source)
        gSettings.Add value, key
    End If
    GetConfig = value
End Function

Private Function SalesPlanSetting(ByVal key As String, value As Variant) As Boolean
    On Error GoTo unknown
    value = gSettings.Item(key)
    SalesPlanSetting = True
unknown:
End Function
