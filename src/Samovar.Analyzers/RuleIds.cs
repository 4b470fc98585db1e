namespace Samovar.Analyzers;

/// <summary>The ids under which the rules report, for <c>.editorconfig</c> and <c>#pragma warning</c>.</summary>
public static class RuleIds
{
    /// <summary>A delegate sent to another process captures something that cannot travel.</summary>
    public const string CaptureCannotTravel = "SAM0001";

    /// <summary>A delegate sent to another process writes to what it captured; the write does not come back.</summary>
    public const string LostWrite = "SAM0002";

    /// <summary>A delegate sent to another process captures <c>this</c>, so the whole object travels.</summary>
    public const string CapturedThis = "SAM0003";

    /// <summary>A future is dropped at once: its failure would go unseen.</summary>
    public const string UnobservedFuture = "SAM0004";

    /// <summary>Code given to an event loop waits by the system's clock, which virtual time does not wait for.</summary>
    public const string SystemClockOnLoop = "SAM0005";

    /// <summary>A delegate sent to another process captures a <c>Random</c>, which gives every task the same numbers.</summary>
    public const string CapturedRandom = "SAM0006";

    internal const string Category = "Samovar";

    /// <summary>The page of a rule, as a path in the repository and in the package.</summary>
    internal static string HelpLink(string id) => $"docs/reference/analyzers/{id}.md";
}
