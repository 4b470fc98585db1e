using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Map.Methods;

/// <summary>Finds the method to map over the items. If there is no suitable method or more than one, the error lists the candidates and why each does
/// not fit.</summary>
internal static class MethodFinder
{
    private const int MostListed = 12;

    /// <summary>Finds the one suitable method of a target.</summary>
    /// <param name="target">The target whose assembly is searched.</param>
    /// <param name="name">The method's name, optionally preceded by its type's name; null for the target's only suitable method.</param>
    /// <exception cref="UsageException">The number of suitable methods is not one, or the assembly cannot be loaded.</exception>
    public static MethodRoles Find(Target target, string? name)
    {
        List<MethodRoles> all = [.. All(TargetContext.Load(target.AssemblyPath)).Select(MethodRoles.Of)];
        List<MethodRoles> named = name is null ? all : [.. all.Where(m => IsNamed(m.Method, name))];
        if (named.FindAll(m => FullName(m.Method) == name) is { Count: > 0 } whole) named = whole; // W.A does not match Other.W.A
        List<MethodRoles> fitting = [.. named.Where(m => m.Misfit is null)];
        if (fitting is [var only]) return only;

        // Of several overloads, the one that takes a string is chosen, because items are text.
        if (name is not null && fitting.FindAll(m => m.Item!.ParameterType == typeof(string)) is [var takesText]) return takesText;
        throw new UsageException(Explain(target, name, all, named, fitting));
    }

    /// <summary>Returns the names of the suitable methods of an assembly, each as <c>Type.Method</c>.</summary>
    /// <exception cref="UsageException">The assembly cannot be loaded.</exception>
    public static IEnumerable<string> Names(string assemblyPath) =>
        All(TargetContext.Load(assemblyPath)).Select(MethodRoles.Of).Where(static m => m.Misfit is null)
            .Select(static m => $"{m.Method.DeclaringType!.Name}.{m.Method.Name}").Distinct(StringComparer.Ordinal);

    private static IEnumerable<MethodInfo> All(Assembly assembly) =>
        from type in Types(assembly)
        where !type.ContainsGenericParameters && !IsGenerated(type)
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !method.IsSpecialName && !IsGenerated(method) && method != assembly.EntryPoint && method.Name != "Main"
        select method;

    private static Type[] Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            // The types that load are searched. Methods of the others are reported as missing.
            Type[] loaded = [.. e.Types.OfType<Type>()];
            return loaded.Length > 0 ? loaded : throw new UsageException(
                $"No type in {assembly.Location} can be loaded: {e.LoaderExceptions.FirstOrDefault()?.Message}. "
                + "Build it with its packages in the same folder (dotnet publish, or -p:CopyLocalLockFileAssemblies=true).");
        }
    }

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal) || member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member.DeclaringType is { } outer && IsGenerated(outer);

    private static bool IsNamed(MethodInfo method, string name)
    {
        string full = FullName(method);
        return method.Name == name || full == name || full.EndsWith("." + name, StringComparison.Ordinal);
    }

    private static string FullName(MethodInfo method) => $"{method.DeclaringType!.FullName!.Replace('+', '.')}.{method.Name}";

    private static string Explain(Target target, string? name, List<MethodRoles> all, List<MethodRoles> named, List<MethodRoles> fitting)
    {
        if (fitting.Count > 1)
        {
            return name is null
                ? $"'{target.Name}' has several methods that can be mapped over items. Name one:{Lines(fitting)}"
                : $"Several methods of '{target.Name}' are named '{name}'. Name one with its type:{Lines(fitting)}";
        }

        if (named.Count > 0)
        {
            string subject = name is null ? $"No public static method of '{target.Name}' can" : $"'{name}' cannot";
            return $"{subject} be mapped over items. The method must be public and static and take one item:{Lines(named)}";
        }

        if (all.Count == 0)
            return $"'{target.Name}' has no public static method. Write one that takes the item, such as: public static int Length(string line) => line.Length;";
        string hint = Spelling.Suggest(name!, all.SelectMany(m => (string[])[m.Method.Name, $"{m.Method.DeclaringType!.Name}.{m.Method.Name}"]));
        return $"'{target.Name}' has no public static method '{name}'.{hint} Its public static methods are:{Lines(all)}";
    }

    // Identical signatures are distinguished by the full names of their types.
    private static string Shown(MethodRoles method, List<MethodRoles> all) =>
        all.Exists(m => m != method && m.ToString() == method.ToString()) ? $"{method} in {method.Method.DeclaringType!.FullName!.Replace('+', '.')}" : method.ToString();

    private static string Lines(List<MethodRoles> methods) =>
        string.Concat(methods.Take(MostListed).Select(m => $"\n  {Shown(m, methods)}{(m.Misfit is null ? "" : $"  – {m.Misfit}")}"))
        + (methods.Count > MostListed ? $"\n  … and {methods.Count - MostListed} more" : "");
}
