using Samovar.Primitives;

namespace Samovar.Tests.Testing;

/// <summary>The target of a delegate that names what it runs.</summary>
internal sealed class NamedCaller(string name) : INamedWork
{
    public string WorkName => name;

    public void Run()
    {
        // Only its name matters.
    }
}
