namespace Samovar.Analyzers;

/// <summary>The ids of the rules, for <c>.editorconfig</c> and <c>#pragma warning</c>.</summary>
public static class RuleIds
{
    /// <summary>A delegate that is sent to another process captures a value that cannot travel.</summary>
    public const string CaptureCannotTravel = "SAM0001";

    /// <summary>A delegate that is sent to another process writes to a captured variable or object, and the write is lost.</summary>
    public const string LostWrite = "SAM0002";

    /// <summary>A delegate that is sent to another process captures <c>this</c>, so the whole object travels.</summary>
    public const string CapturedThis = "SAM0003";

    /// <summary>A future is discarded, so a failure of its task would go unnoticed.</summary>
    public const string UnobservedFuture = "SAM0004";

    /// <summary>Code on an event loop waits on the system clock, which does not follow the loop's virtual time.</summary>
    public const string SystemClockOnLoop = "SAM0005";

    /// <summary>A delegate that is sent to another process captures a <c>Random</c>, so all tasks draw the same numbers.</summary>
    public const string CapturedRandom = "SAM0006";

    /// <summary>A program that is published as a single file or self-contained uses worker processes and never calls
    /// <c>ProcessWorker.RunIfWorker</c>.</summary>
    public const string MissingWorkerCall = "SAM0007";

    internal const string Category = "Samovar";

    /// <summary>The page of a rule, as a path in the repository and in the package.</summary>
    internal static string HelpLink(string id) => $"docs/reference/analyzers/{id}.md";
}
