namespace Samovar.Diagnostics.Metering;

/// <summary>The types of errors, as <see cref="SamovarTelemetry.ErrorTypeKey"/> has them.</summary>
internal static class ErrorTypes
{
    public static string Of(Exception error) => (error as IForeignError)?.OriginalType ?? error.GetType().FullName ?? error.GetType().Name;
}
