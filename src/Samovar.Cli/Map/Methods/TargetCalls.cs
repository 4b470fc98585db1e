using System.Linq.Expressions;
using System.Reflection;

namespace Samovar.Cli.Map.Methods;

/// <summary>Creates the <see cref="TargetCall"/> for a method.</summary>
internal static class TargetCalls
{
    /// <summary>Creates the call for a method that can be mapped over items.</summary>
    /// <exception cref="UsageException">The module initializer of the method's assembly, or the static initializer of its type, fails.</exception>
    public static TargetCall Create(MethodRoles roles, ItemFormat items, ResultForm results)
    {
        try
        {
            return (TargetCall)typeof(TargetCalls).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(roles.Item!.ParameterType, roles.Method.ReturnType == typeof(void) ? typeof(Nothing) : roles.Method.ReturnType)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [roles, items, results], null)!;
        }
        catch (TypeInitializationException error)
        {
            var cause = error.InnerException ?? error;
            throw new UsageException($"{roles.Method.Name} cannot be called because the initializer of '{error.TypeName}' failed: "
                + $"{cause.GetType().Name}: {cause.Message}");
        }
    }

    private static TargetCall<T, TReturn> Make<T, TReturn>(MethodRoles roles, ItemFormat items, ResultForm results)
    {
        Type returned = typeof(TReturn);
        Func<TReturn, Task<string?>>? finish = null;
        Func<TReturn, string?>? format = null;
        if (returned == typeof(Task)) finish = static async task => await None((Task)(object)task!);
        else if (returned == typeof(ValueTask)) finish = static async task => await None(((ValueTask)(object)task!).AsTask());
        else if (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>)) finish = Finish<TReturn>(nameof(Await), results);
        else if (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(ValueTask<>)) finish = Finish<TReturn>(nameof(AwaitValue), results);
        else if (Awaitable.Of(returned) is { } awaitable) finish = Finish<TReturn>(awaitable, results);
        else if (returned == typeof(Nothing)) format = static _ => null;
        else format = Returned<TReturn>(results);
        return new TargetCall<T, TReturn>(ItemParsers.For<T>(items, roles.Item!), Caller<T, TReturn>(roles), format, finish);
    }

    private static async Task<string?> None(Task task)
    {
        await task.ConfigureAwait(false);
        return null;
    }

    private static Func<TReturn, Task<string?>> Finish<TReturn>(string method, ResultForm results) =>
        (Func<TReturn, Task<string?>>)typeof(TargetCalls).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(typeof(TReturn).GetGenericArguments()).Invoke(null, [results])!;

    private static Func<TReturn, Task<string?>> Finish<TReturn>(Awaitable awaitable, ResultForm results) =>
        (Func<TReturn, Task<string?>>)typeof(TargetCalls).GetMethod(nameof(AwaitOther), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(typeof(TReturn), awaitable.Result ?? typeof(Nothing)).Invoke(null, [awaitable, results])!;

    private static Func<TReturn, Task<string?>> AwaitOther<TReturn, TResult>(Awaitable awaitable, ResultForm results)
    {
        Func<TResult, ValueTask<string?>> finish = awaitable.Result is null ? static _ => default : Awaited<TResult>(results);
        return async value =>
        {
            if (value is null) throw new InvalidOperationException($"The method returned null instead of a {TypeText.Of(typeof(TReturn))} to await.");
            object? result = await awaitable.RunAsync(value, CurrentToken()).ConfigureAwait(false);
            return await finish(awaitable.Result is null ? default! : (TResult)result!).ConfigureAwait(false);
        };
    }

    private static Func<Task<TResult>, Task<string?>> Await<TResult>(ResultForm results)
    {
        Func<TResult, ValueTask<string?>> finish = Awaited<TResult>(results);
        return async task => await finish(await task.ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Func<ValueTask<TResult>, Task<string?>> AwaitValue<TResult>(ResultForm results)
    {
        Func<TResult, ValueTask<string?>> finish = Awaited<TResult>(results);
        return async task => await finish(await task.ConfigureAwait(false)).ConfigureAwait(false);
    }

    // Formats the result of an await. The result may itself be awaitable.
    private static Func<TResult, ValueTask<string?>> Awaited<TResult>(ResultForm results)
    {
        if (Awaitable.IsNothing(typeof(TResult))) return static _ => default;
        Func<TResult, string?> format = ResultTexts.For<TResult>(results);
        if (!PendingResults.MayBe(typeof(TResult))) return value => new ValueTask<string?>(format(value));
        return value => PendingResults.Is(value)
            ? new ValueTask<string?>(PendingResults.FinishAsync(value!, results, CurrentToken()))
            : new ValueTask<string?>(format(value));
    }

    // Formats the return value of a method whose declared return type is not awaitable. If the value's run-time type is awaitable, the calling thread
    // blocks until the operation completes: the item occupies the thread anyway, and methods that are declared synchronous stay in batches.
    private static Func<TReturn, string?> Returned<TReturn>(ResultForm results)
    {
        Func<TReturn, string?> format = ResultTexts.For<TReturn>(results);
        if (!PendingResults.MayBe(typeof(TReturn))) return format;
        return value =>
        {
            if (!PendingResults.Is(value)) return format(value);
            CancellationToken cancellation = CurrentToken();
            return PendingResults.FinishAsync(value!, results, cancellation).WaitAsync(cancellation).GetAwaiter().GetResult();
        };
    }

    private static Func<T, IProgressSink, TReturn> Caller<T, TReturn>(MethodRoles roles)
    {
        MethodInfo method = roles.Method;
        if (method.GetParameters().Length == 1)
        {
            // The common signature uses a delegate. Compiling an expression would add about 0.1 s to startup.
            if (typeof(TReturn) == typeof(Nothing))
            {
                var action = method.CreateDelegate<Action<T>>();
                return (item, _) =>
                {
                    action(item);
                    return default!;
                };
            }

            var function = method.CreateDelegate<Func<T, TReturn>>();
            return (item, _) => function(item);
        }

        ParameterExpression value = Expression.Parameter(typeof(T));
        ParameterExpression sink = Expression.Parameter(typeof(IProgressSink));
        Expression call = Expression.Call(method, method.GetParameters().Select(p => Argument(p, roles, value, sink)));
        if (typeof(TReturn) == typeof(Nothing)) call = Expression.Block(call, Expression.Default(typeof(Nothing)));
        return Expression.Lambda<Func<T, IProgressSink, TReturn>>(call, value, sink).Compile();
    }

    private static Expression Argument(ParameterInfo parameter, MethodRoles roles, Expression value, Expression sink)
    {
        if (parameter == roles.Item) return value;
        if (MethodRoles.IsToken(parameter.ParameterType)) return Expression.Call(typeof(TargetCalls), nameof(CurrentToken), null);
        return MethodRoles.IsProgress(parameter.ParameterType)
            ? Expression.New(typeof(SinkProgress<>).MakeGenericType(parameter.ParameterType.GetGenericArguments()).GetConstructors()[0], sink)
            : Expression.Constant(parameter.DefaultValue, parameter.ParameterType);
    }

    private static CancellationToken CurrentToken() => TaskContext.Current?.CancellationToken ?? CancellationToken.None;

    /// <summary>The result type of methods that return void.</summary>
    internal readonly struct Nothing;

    internal sealed class SinkProgress<T>(IProgressSink sink) : IProgress<T>
    {
        public void Report(T value) => sink.Report(value);
    }
}
