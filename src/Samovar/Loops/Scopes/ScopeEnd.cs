namespace Samovar.Loops.Scopes;

/// <summary>How a block completes whose own scope was cancelled.</summary>
internal enum ScopeEnd
{
    /// <summary>With the work's exception.</summary>
    Passes = 0,

    /// <summary>With a result that reports the cancellation.</summary>
    MovesOn,

    /// <summary>With a <see cref="TimeoutException"/> if the deadline was the cause.</summary>
    TimesOut,
}
