using Samovar.Loops.Inspection;

namespace Samovar.Tests.Testing;

/// <summary>Where a test's asynchronous method is suspended.</summary>
internal static class AwaitedBy
{
    /// <summary>The methods from the test's own inwards, and what the innermost awaits; null where that is unknown.</summary>
    public static string? Describe(Task body)
    {
        if (body.IsCompleted) return null;
        var (methods, leaf) = AwaitChain.Follow(body);
        return methods.Count == 0 ? null : $"{string.Join(" → ", methods)} → {leaf?.GetType().Name ?? "unknown"}";
    }
}
