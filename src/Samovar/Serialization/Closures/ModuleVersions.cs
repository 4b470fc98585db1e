using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using Samovar.Primitives;

namespace Samovar.Serialization.Closures;

/// <summary>The versions of the modules that code uses, other than its own.</summary>
/// <param name="own">The module of the code.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced)]
internal sealed class ModuleVersions(Module own)
{
    // The keys with which the assemblies of .NET and its extensions are signed.
    private static readonly HashSet<string> frameworkKeys =
        ["7cec85d7bea7798e", "b03f5f7f11d50a3a", "b77a5c561934e089", "cc7b13ffcd2ddd51", "31bf3856ad364e35", "adb9793829ddae60"];

    private readonly SortedDictionary<string, string> _versions = new(StringComparer.Ordinal);

    /// <summary>Adds a module, and the modules that it refers to, unless they belong to the framework.</summary>
    public void Add(Module module)
    {
        var assembly = module.Assembly;
        var name = assembly.GetName();
        if (module == own || _versions.ContainsKey(name.Name ?? "")) return;
        if (IsOfTheFramework(name))
        {
            _versions[name.Name ?? ""] = $"{name.Version}";
            return;
        }

        _versions[name.Name ?? ""] = $"{module.ModuleVersionId}";
        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            if (!IsOfTheFramework(reference) && Find(assembly, reference) is { } found) Add(found.ManifestModule);
        }
    }

    /// <summary>Returns the names and versions.</summary>
    public string ToText() => string.Concat(_versions.Select(static one => $"\nmodule {one.Key} {one.Value}"));

    private static bool IsOfTheFramework(AssemblyName name) => name.GetPublicKeyToken() is { Length: > 0 } key && frameworkKeys.Contains(Convert.ToHexStringLower(key));

    private static Assembly? Find(Assembly assembly, AssemblyName reference)
    {
        try
        {
            return (AssemblyLoadContext.GetLoadContext(assembly) ?? AssemblyLoadContext.Default).LoadFromAssemblyName(reference);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            return null; // not installed, so no code can run that needs it
        }
    }
}
