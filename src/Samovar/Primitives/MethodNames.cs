using System.Reflection;

namespace Samovar.Primitives;

/// <summary>Names methods as they are written in the source.</summary>
internal static class MethodNames
{
    /// <summary>Returns, for example, <c>Kitchen.Brew</c>, or <c>Kitchen.Brew, lambda</c> for a lambda inside it.</summary>
    public static string Of(MethodBase method)
    {
        string name = Readable(method.Name);
        var owner = method.DeclaringType;
        while (owner is not null && owner.Name.StartsWith('<') && owner.DeclaringType is not null) owner = owner.DeclaringType;
        return owner is null ? name : $"{owner.Name}.{name}";
    }

    /// <summary>Returns <c>Main, lambda</c> for <c>&lt;Main&gt;b__0_1</c>, and <c>Main.Inner</c> for <c>&lt;Main&gt;g__Inner|0_1</c>. The prefix is
    /// omitted for the method that the compiler generates for top-level statements.</summary>
    public static string Readable(string name)
    {
        const string topLevel = "<Main>$", localFunction = ">g__";
        int local = name.AsSpan().LastIndexOf(localFunction); // unlike string.LastIndexOf, compiles nothing in a worker that starts
        if (local >= 0)
        {
            string own = name[(local + localFunction.Length)..].Split('|')[0], around = name[..local];
            return around.EndsWith(topLevel, StringComparison.Ordinal) ? own : $"{around[(around.LastIndexOf('<') + 1)..]}.{own}";
        }

        int close = name.IndexOf('>', StringComparison.Ordinal);
        if (close < 0) return name;
        string outer = name[(name.LastIndexOf('<', close) + 1)..close];
        string rest = name[(close + 1)..];
        return outer.Length == 0 ? rest : $"{outer}, lambda";
    }
}
