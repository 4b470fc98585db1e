namespace Samovar.Diagnostics.Metering;

/// <summary>An exception that represents one of another process.</summary>
internal interface IForeignError
{
    /// <summary>The full name of the original exception's type.</summary>
    string OriginalType { get; }
}
