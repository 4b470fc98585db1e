using Samovar.Loops.Core;
using Samovar.Primitives;

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
        name = open >= 0 && close > open ? MethodNames.Readable(name[(open + 1)..close]) : name.Split('`')[0];
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
        return MethodNames.Of(callback.Method);
    }
}
