using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Diagnostics.Metering;

/// <summary>The names of delegates' methods as values of an attribute: a limited number of them, because each is a series of its own wherever the
/// measurements are stored.</summary>
/// <param name="most">How many names are given out before all others are <see cref="Other"/>.</param>
internal sealed class FunctionNames(int most = FunctionNames.Most)
{
    /// <summary>The name of all methods beyond the limit.</summary>
    public const string Other = "other";

    /// <summary>The limit of the process.</summary>
    public const int Most = 512;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<MethodInfo, string> _known = []; // weak: the method may be in an assembly that is unloaded

    private readonly ConditionalWeakTable<INamedWork, string> _named = [];

    /// <summary>The names of this process.</summary>
    public static FunctionNames Shared { get; } = new();

    /// <summary>Returns the name of the delegate's method, or of the code that its target names.</summary>
    public string Of(Delegate work)
    {
        if (work.Target is INamedWork named) return _named.GetValue(named, target => Register(target.WorkName));
        var method = work.Method;
        return _known.TryGetValue(method, out string? name) ? name : _known.GetValue(method, Register);
    }

    private string Register(MethodInfo method) => Register(MethodNames.Of(method));

    private string Register(string name)
    {
        lock (_gate)
        {
            if (!_names.Contains(name) && (_names.Count >= most || !_names.Add(name))) name = Other;
            CheckInvariantsLocked();
        }

        return name;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(_names.Count <= most, "no more names are given out than the limit");
}
