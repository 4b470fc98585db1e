using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Map.Methods;

/// <summary>Finds the method that is meant; where there is none, or several, the error lists what there is and why it does not fit.</summary>
internal static class MethodFinder
{
    private const int MostListed = 12;

    /// <param name="target">Where to look.</param>
    /// <param name="name">Null for the only one that fits; otherwise its name, with or without its type's.</param>
    /// <exception cref="UsageException">There is not exactly one.</exception>
    public static MethodRoles Find(Target target, string? name)
    {
        List<MethodRoles> all = [.. All(TargetContext.Load(target.AssemblyPath)).Select(MethodRoles.Of)];
        List<MethodRoles> named = name is null ? all : [.. all.Where(m => IsNamed(m.Method, name))];
        if (named.FindAll(m => FullName(m.Method) == name) is { Count: > 0 } whole) named = whole; // W.A is not Other.W.A
        List<MethodRoles> fitting = [.. named.Where(m => m.Misfit is null)];
        if (fitting is [var only]) return only;

        // Overloads of the one name: text is what there is, so the one that takes text is meant.
        if (name is not null && fitting.FindAll(m => m.Item!.ParameterType == typeof(string)) is [var takesText]) return takesText;
        throw new UsageException(Explain(target, name, all, named, fitting));
    }

    /// <summary>The methods that fit, each as it can be named: <c>Type.Method</c>.</summary>
    /// <exception cref="UsageException">It cannot be loaded.</exception>
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
            // Those that load are looked at; a method of one that does not is reported as missing, with this reason.
            Type[] loaded = [.. e.Types.OfType<Type>()];
            return loaded.Length > 0 ? loaded : throw new UsageException(
                $"No type of {assembly.Location} can be loaded: {e.LoaderExceptions.FirstOrDefault()?.Message}. "
                + "Build it with its packages beside it (dotnet publish, or -p:CopyLocalLockFileAssemblies=true).");
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
                ? $"'{target.Name}' has several methods that fit, name one:{Lines(fitting)}"
                : $"Several methods of '{target.Name}' are called '{name}', name one with its type:{Lines(fitting)}";
        }

        if (named.Count > 0)
        {
            string subject = name is null ? $"No public static method of '{target.Name}' fits" : $"'{name}' does not fit";
            return $"{subject}. A method that fits is public and static and takes one item:{Lines(named)}";
        }

        if (all.Count == 0)
            return $"'{target.Name}' has no public static method. Write one that takes the item, such as: public static int Length(string line) => line.Length;";
        string hint = Spelling.Suggest(name!, all.SelectMany(m => (string[])[m.Method.Name, $"{m.Method.DeclaringType!.Name}.{m.Method.Name}"]));
        return $"'{target.Name}' has no public static method '{name}'.{hint} There is:{Lines(all)}";
    }

    // Types of the same name differ in their namespaces.
    private static string Shown(MethodRoles method, List<MethodRoles> all) =>
        all.Exists(m => m != method && m.ToString() == method.ToString()) ? $"{method} in {method.Method.DeclaringType!.FullName!.Replace('+', '.')}" : method.ToString();

    private static string Lines(List<MethodRoles> methods) =>
        string.Concat(methods.Take(MostListed).Select(m => $"\n  {Shown(m, methods)}{(m.Misfit is null ? "" : $"  – {m.Misfit}")}"))
        + (methods.Count > MostListed ? $"\n  … and {methods.Count - MostListed} more" : "");
}
