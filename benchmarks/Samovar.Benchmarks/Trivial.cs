namespace Samovar.Benchmarks;

/// <summary>Work that costs nothing, for <c>samovar map</c> and its peers.</summary>
public static class Trivial
{
    public static int Length(string line) => line.Length;
}
