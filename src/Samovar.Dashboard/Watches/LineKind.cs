namespace Samovar.Dashboard.Watches;

/// <summary>What a line of the program is; docs/reference/watch-protocol.md has the format.</summary>
internal enum LineKind
{
    /// <summary>A line that this version does not know.</summary>
    Unknown,
    Hello,
    Picture,
    Reply,

    /// <summary>The program exits; the number is its exit code.</summary>
    End,
}
