using Samovar.Loops.Core;

namespace Samovar.Loops.Inspection;

/// <summary>Names the code behind a callback: the method whose continuation it is, or the method that was posted.</summary>
internal static class CallbackOrigin
{
    public static string Describe(ReadyItem item) => item.Callback switch
    {
        null => "nothing",
        Task task => $"task {task.Id} of a TaskFactory",
        _ when OfState(item.State) is { } known => known,
        Delegate callback => OfDelegate(callback),
        var other => other.ToString() ?? other.GetType().Name,
    };

    /// <summary>Returns the name of an asynchronous method, given the object that the compiler generated for it; null if the object is not
    /// one.</summary>
    public static string? AsyncMethodOf(object? box)
    {
        for (var type = box?.GetType(); type is not null; type = type.BaseType)
        {
            if (!type.IsGenericType) continue;
            foreach (var argument in type.GetGenericArguments())
            {
                if (typeof(System.Runtime.CompilerServices.IAsyncStateMachine).IsAssignableFrom(argument)) return NameOf(argument);
            }
        }

        return null;
    }

    /// <summary>Returns, for example, <c>Program.Main</c> for <c>Program.&lt;Main&gt;d__0</c>.</summary>
    public static string NameOf(Type stateMachine)
    {
        string name = stateMachine.Name;
        int open = name.IndexOf('<', StringComparison.Ordinal), close = name.LastIndexOf('>');
        name = open >= 0 && close > open ? Readable(name[(open + 1)..close]) : name.Split('`')[0];
        var owner = stateMachine.DeclaringType;
        while (owner is not null && owner.Name.StartsWith('<') && owner.DeclaringType is not null) owner = owner.DeclaringType;
        return owner is null ? name : $"{owner.Name}.{name}";
    }

    private static string? OfState(object? state) => state switch
    {
        IInspected item => item.Label,
        Delegate inner => OfDelegate(inner),
        _ => AsyncMethodOf(state),
    };

    /// <summary>Returns the name of a delegate's method as written in the source.</summary>
    public static string OfDelegate(Delegate callback)
    {
        if (AsyncMethodOf(callback.Target) is { } method) return method;
        if (callback.Target is IInspected item) return item.Label;
        return OfMethod(callback.Method);
    }

    /// <summary>Returns the name of a method as written in the source.</summary>
    public static string OfMethod(System.Reflection.MethodBase method)
    {
        string name = Readable(method.Name);
        var owner = method.DeclaringType;
        while (owner is not null && owner.Name.StartsWith('<') && owner.DeclaringType is not null) owner = owner.DeclaringType;
        return owner is null ? name : $"{owner.Name}.{name}";
    }

    /// <summary>Returns <c>Main, lambda</c> for <c>&lt;Main&gt;b__0_1</c>, and <c>Main.Inner</c> for <c>&lt;Main&gt;g__Inner|0_1</c>. The prefix is
    /// omitted for the method that the compiler generates for top-level statements.</summary>
    private static string Readable(string name)
    {
        const string topLevel = "<Main>$", localFunction = ">g__";
        int local = name.LastIndexOf(localFunction, StringComparison.Ordinal);
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
