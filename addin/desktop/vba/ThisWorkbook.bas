Attribute VB_Name = "ThisWorkbook"
Attribute VB_Base = "0{00020819-0000-0000-C000-000000000046}"
Attribute VB_GlobalNameSpace = False
Attribute VB_Creatable = False
Attribute VB_PredeclaredId = True
Attribute VB_Exposed = True
Attribute VB_TemplateDerived = False
Attribute VB_Customizable = True
Option Explicit
' On the Mac the values of our functions' cells are taken as a workbook is opened: see SalesPlanPresentValues.
#If Mac Then
    Private WithEvents gExcel As Application

    Private Sub Workbook_Open()
        Dim book As Workbook
        Set gExcel = Application
        For Each book In Application.Workbooks
            SalesPlanKeepValues book
        Next book
    End Sub

    Private Sub gExcel_WorkbookOpen(ByVal Wb As Workbook)
        SalesPlanKeepValues Wb
    End Sub
#End If
