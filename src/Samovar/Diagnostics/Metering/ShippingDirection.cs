namespace Samovar.Diagnostics.Metering;

/// <summary>The direction in which a message travels, from the executor's point of view.</summary>
internal enum ShippingDirection
{
    /// <summary>Work, to a worker.</summary>
    Send,

    /// <summary>A result, from a worker.</summary>
    Receive,
}
