using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Cli.Map.Methods;

/// <summary>How to wait for what a method returns where that is neither Task nor ValueTask: by the pattern that C#'s await uses, or, of F#, a
/// computation that has to be started.</summary>
internal abstract class Awaitable
{
    private const BindingFlags Plainly = BindingFlags.DoNotWrapExceptions;

    /// <summary>What it brings; null for nothing.</summary>
    public abstract Type? Result { get; }

    /// <summary>Null where a value of the type is a result itself.</summary>
    public static Awaitable? Of(Type type) => (Awaitable?)FSharpComputation.Find(type) ?? Pattern.Find(type);

    /// <summary>Whether it stands for nothing: F#'s unit, and what a plain task of .NET has at run time.</summary>
    public static bool IsNothing(Type type) => type.FullName is "Microsoft.FSharp.Core.Unit" or "System.Threading.Tasks.VoidTaskResult";

    /// <summary>Waits for its end.</summary>
    /// <param name="value">What the method has returned.</param>
    /// <param name="cancellation">Of the item.</param>
    public abstract Task<object?> RunAsync(object value, CancellationToken cancellation);

    private static Type? ResultOf(Type type) => type == typeof(void) || IsNothing(type) ? null : type;

    private sealed class Pattern(MethodInfo getAwaiter, MethodInfo isCompleted, MethodInfo getResult) : Awaitable
    {
        public override Type? Result => ResultOf(getResult.ReturnType);

        public static Pattern? Find(Type type)
        {
            if (type.GetMethod("GetAwaiter", BindingFlags.Public | BindingFlags.Instance, []) is not { } getAwaiter) return null;
            Type awaiter = getAwaiter.ReturnType;
            return typeof(INotifyCompletion).IsAssignableFrom(awaiter)
                && awaiter.GetProperty("IsCompleted")?.GetMethod is { } isCompleted && isCompleted.ReturnType == typeof(bool)
                && awaiter.GetMethod("GetResult", []) is { } getResult
                ? new Pattern(getAwaiter, isCompleted, getResult)
                : null;
        }

        public override async Task<object?> RunAsync(object value, CancellationToken cancellation)
        {
            object awaiter = getAwaiter.Invoke(value, Plainly, null, null, null)!;
            if (!(bool)isCompleted.Invoke(awaiter, Plainly, null, null, null)!)
            {
                var ended = new TaskCompletionSource();
                ((INotifyCompletion)awaiter).OnCompleted(ended.SetResult);
                await ended.Task.ConfigureAwait(false);
            }

            return getResult.Invoke(awaiter, Plainly, null, null, null);
        }
    }

    private sealed class FSharpComputation : Awaitable
    {
        private readonly MethodInfo _start;
        private readonly PropertyInfo _result;
        private readonly ConstructorInfo _some;

        private FSharpComputation(Type result, MethodInfo start)
        {
            Result = ResultOf(result);
            _start = start.MakeGenericMethod(result);
            _result = typeof(Task<>).MakeGenericType(result).GetProperty("Result")!;
            _some = start.GetParameters()[1].ParameterType.GetConstructors().Single();
        }

        public override Type? Result { get; }

        public static FSharpComputation? Find(Type type) =>
            type.IsGenericType && type.GetGenericTypeDefinition().FullName == "Microsoft.FSharp.Control.FSharpAsync`1"
            && type.Assembly.GetType("Microsoft.FSharp.Control.FSharpAsync")?.GetMethod("StartImmediateAsTask") is { } start
                ? new FSharpComputation(type.GetGenericArguments()[0], start)
                : null;

        public override async Task<object?> RunAsync(object value, CancellationToken cancellation)
        {
            var running = (Task)_start.Invoke(null, Plainly, null, [value, _some.Invoke([cancellation])], null)!;
            await running.ConfigureAwait(false);
            return _result.GetValue(running);
        }
    }
}
