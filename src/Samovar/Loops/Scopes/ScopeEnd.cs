namespace Samovar.Loops.Scopes;

/// <summary>What comes out of a block whose own scope was cancelled.</summary>
internal enum ScopeEnd
{
    /// <summary>What came out of the work.</summary>
    Passes = 0,

    /// <summary>A result that says so.</summary>
    MovesOn,

    /// <summary>A <see cref="TimeoutException"/>, where it was the deadline.</summary>
    TimesOut,
}
