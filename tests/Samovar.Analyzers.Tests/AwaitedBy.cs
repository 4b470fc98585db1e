namespace Samovar.Tests.Testing;

/// <summary>Replaces the library's type that follows a test's tasks, since these tests do not reference the library.</summary>
internal static class AwaitedBy
{
    public static string? Describe(Task body) => body.IsCompleted ? null : "its task";
}
