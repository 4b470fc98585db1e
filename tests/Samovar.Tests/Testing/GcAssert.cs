using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>Waits for effects of the garbage collector.</summary>
internal static class GcAssert
{
    /// <summary>Collects until the condition holds; false when it does not within the limit.</summary>
    public static async Task<bool> CollectUntilAsync(Func<bool> condition)
    {
        return await TestTimeout.HoldsAsync(Collected, TimeSpan.FromSeconds(5));

        bool Collected()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return condition();
        }
    }

    public static async Task ShouldDieAsync(this IEnumerable<WeakReference> references, string what)
    {
        var all = references.ToList();
        (await CollectUntilAsync(() => NoneLives(all))).ShouldBeTrue($"{what}: {Living(all)} of {all.Count} are still held");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool NoneLives(List<WeakReference> references) => Living(references) == 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Living(List<WeakReference> references) => references.Count(static r => r.IsAlive);
}
