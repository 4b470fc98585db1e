using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>What failures of one group have in common, as watchers see it.</summary>
/// <param name="Executor">The number of the executor.</param>
/// <param name="Function">The function.</param>
/// <param name="Type">The type of the error.</param>
/// <param name="Frame">Where it was thrown.</param>
internal readonly record struct FailureGroup(int Executor, string Function, string Type, string Frame)
{
    /// <summary>The longest text of a group in a reply, so that a watcher can name the group in a request.</summary>
    public const int LongestText = 1_024;

    public static FailureGroup Of(int executor, in RecordedAttempt failure) =>
        new(executor, Cut(failure.Function), Cut(failure.Error!.Type), Cut(failure.Error.Frame));

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
