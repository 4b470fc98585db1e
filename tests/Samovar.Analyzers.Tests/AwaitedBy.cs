namespace Samovar.Tests.Testing;

/// <summary>Stands in for the one that follows a test's tasks by means of the library, which these tests do not reference.</summary>
internal static class AwaitedBy
{
    public static string? Describe(Task body) => body.IsCompleted ? null : "its task";
}
