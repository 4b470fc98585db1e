using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Cli.Map.Methods;

/// <summary>Awaits values of a type by reflection: the type follows the await pattern of C#, or is F#'s <c>Async</c>, a computation that must be
/// started first.</summary>
internal abstract class Awaitable
{
    private const BindingFlags Plainly = BindingFlags.DoNotWrapExceptions;

    /// <summary>The type of the awaited result; null if awaiting has no result.</summary>
    public abstract Type? Result { get; }

    /// <summary>Returns how to await values of a type; null if the type is not awaitable.</summary>
    public static Awaitable? Of(Type type) => (Awaitable?)FSharpComputation.Find(type) ?? Pattern.Find(type);

    /// <summary>Whether a result type represents "no result": F#'s <c>unit</c>, or the internal result type of a plain <see cref="Task"/>.</summary>
    public static bool IsNothing(Type type) => type.FullName is "Microsoft.FSharp.Core.Unit" or "System.Threading.Tasks.VoidTaskResult";

    /// <summary>Awaits a value and returns its result. An exception of the awaited operation is thrown as it is.</summary>
    /// <param name="value">The value to await; an F# computation is started.</param>
    /// <param name="cancellation">The item's token. Only F# computations observe it.</param>
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
