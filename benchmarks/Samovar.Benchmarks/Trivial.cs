namespace Samovar.Benchmarks;

/// <summary>Trivial work for <c>samovar map</c> and its peers.</summary>
public static class Trivial
{
    public static int Length(string line) => line.Length;
}
