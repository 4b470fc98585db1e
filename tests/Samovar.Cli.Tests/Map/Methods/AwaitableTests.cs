using System.Runtime.CompilerServices;
using Microsoft.FSharp.Control;
using Microsoft.FSharp.Core;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Tests.Map.Methods;

/// <summary>Methods whose results have to be waited for, and are no tasks of .NET's own.</summary>
public sealed class AwaitableTests
{
    [ProcessTheory]
    [InlineData(nameof(OwnAwaiter), "6")]
    [InlineData(nameof(OwnAwaiterOfNothing), null)]
    [InlineData(nameof(DerivedTask), "6")]
    [InlineData(nameof(OfFuture), "6")]
    [InlineData(nameof(Computation), "6")]
    [InlineData(nameof(ComputationOfNothing), null)]
    [InlineData(nameof(TaskOfUnit), null)]
    public async Task Whatever_can_be_awaited_is(string method, string? result)
    {
        TargetCall call = CallOf(method);

        call.IsAsynchronous.ShouldBeTrue();
        (await call.RunAsync("5", new NoSink())).ShouldBe(result);
    }

    [ProcessFact]
    public async Task What_is_awaited_fails_with_its_own_error() =>
        (await Should.ThrowAsync<InvalidDataException>(() => CallOf(nameof(OwnAwaiter)).RunAsync("-1", new NoSink()))).Message.ShouldBe("it boiled over");

    [ProcessFact]
    public async Task Null_in_the_place_of_what_is_awaited_is_an_error_that_says_so() =>
        (await Should.ThrowAsync<InvalidOperationException>(() => CallOf(nameof(OwnAwaiter)).RunAsync("0", new NoSink()))).Message
            .ShouldBe("The method returned null instead of a Brewing to await.");

    [ProcessTheory]
    [InlineData(nameof(ObjectOfText), "5!")]
    [InlineData(nameof(ObjectOfTask), "6")]
    [InlineData(nameof(ObjectOfAsync), "6")]
    [InlineData(nameof(ObjectOfValueTask), "6")]
    [InlineData(nameof(ObjectOfOwnAwaiter), "6")]
    [InlineData(nameof(ObjectOfComputation), "6")]
    [InlineData(nameof(ObjectOfPlainTask), null)]
    [InlineData(nameof(ObjectOfPlainAsync), null)]
    [InlineData(nameof(ObjectOfUnit), null)]
    [InlineData(nameof(InterfaceOfTask), "6")]
    [InlineData(nameof(BaseOfAwaitable), "6")]
    [InlineData(nameof(Nested), "6")]
    [InlineData(nameof(TaskOfObject), "6")]
    [InlineData(nameof(ValueTaskOfObject), "6")]
    [InlineData(nameof(OwnAwaiterOfObject), "6")]
    public async Task A_result_that_turns_out_to_be_awaitable_is_awaited(string method, string? result)
    {
        MethodRoles.Of(typeof(AwaitableTests).GetMethod(method)!).Result.ShouldNotBeNull();
        (await TextAsync(method, "5", ResultForm.Text)).ShouldBe(result);
        (await TextAsync(method, "5", ResultForm.Json)).ShouldBe(result is "5!" ? "\"5!\"" : result);
    }

    [ProcessFact]
    public void A_method_whose_result_may_be_awaitable_shares_batches_as_before() => CallOf(nameof(ObjectOfTask)).IsAsynchronous.ShouldBeFalse();

    [ProcessFact]
    public async Task A_result_that_turns_out_to_be_awaitable_fails_with_its_own_error()
    {
        (await Should.ThrowAsync<InvalidDataException>(() => TextAsync(nameof(ObjectOfOwnAwaiter), "-1"))).Message.ShouldBe("it boiled over");
        (await Should.ThrowAsync<InvalidDataException>(() => TextAsync(nameof(ObjectOfAsync), "-1"))).Message.ShouldBe("below zero");
    }

    [ProcessTheory]
    [InlineData(nameof(ObjectOfItself), "a Mirror is still awaitable after 8 awaits; await it in the method")]
    [InlineData(nameof(ListOfTasks), "a Task<int> must be awaited in the method")]
    [InlineData(nameof(ListOfAsync), "a Task<int> must be awaited in the method")]
    [InlineData(nameof(MemberOfTask), "a ValueTask<int> must be awaited in the method")]
    [InlineData(nameof(ObjectOfStream), "a Numbers must be read to its end in the method; use an array or a list instead")]
    public async Task What_cannot_be_awaited_is_an_error_of_its_item(string method, string why)
    {
        foreach (ResultForm form in Enum.GetValues<ResultForm>())
        {
            (await Should.ThrowAsync<UnwritableResultException>(() => TextAsync(method, "5", form))).Message
                .ShouldBe($"The result cannot be written: {why}.");
        }
    }

    [ProcessTheory]
    [InlineData(nameof(TaskInTask), "returns a Task inside another task")]
    [InlineData(nameof(ComputationInTask), "inside another task")]
    [InlineData(nameof(Stream), "returns a stream")]
    public void A_result_that_one_await_does_not_complete_is_refused(string method, string misfit) =>
        MethodRoles.Of(typeof(AwaitableTests).GetMethod(method)!).Misfit.ShouldNotBeNull().ShouldContain(misfit);

    public static Brewing? OwnAwaiter(int n) => n == 0 ? null : new Brewing(n);

    public static YieldAwaitable OwnAwaiterOfNothing(int n) => Task.Yield();

    public static OwnTask DerivedTask(int n) => OwnTask.Start(n);

    public static Future<int> OfFuture(int n) => new InlineExecutor().Submit(() => n + 1);

    public static FSharpAsync<int> Computation(int n) => FSharpAsync.AwaitTask(OwnTask.Start(n));

    public static FSharpAsync<Unit> ComputationOfNothing(int n) => FSharpAsync.Sleep(n);

    public static Task<Unit?> TaskOfUnit(int n) => Task.FromResult<Unit?>(null);

    public static Task<Task> TaskInTask(int n) => Task.FromResult(Task.CompletedTask);

    public static Task<FSharpAsync<int>> ComputationInTask(int n) => Task.FromResult(Computation(n));

    public static IObservable<int> Stream(int n) => throw new NotSupportedException();

    public static object ObjectOfText(int n) => $"{n}!";

    public static object ObjectOfTask(int n) => Task.FromResult(n + 1);

    public static object ObjectOfAsync(int n) => NextAsync(n);

    public static object ObjectOfValueTask(int n) => new ValueTask<int>(NextAsync(n));

    public static object ObjectOfOwnAwaiter(int n) => new Brewing(n);

    public static object ObjectOfComputation(int n) => Computation(n);

    public static object ObjectOfPlainTask(int n) => n == 5 ? Task.CompletedTask : n;

    public static object ObjectOfPlainAsync(int n) => PlainAsync();

    public static object ObjectOfUnit(int n) => Task.FromResult<Unit?>(null);

    public static IAsyncResult InterfaceOfTask(int n) => NextAsync(n);

    public static Drink BaseOfAwaitable(int n) => new Tea(n);

    public static object Nested(int n) => Task.FromResult<object>(Task.FromResult<object>(new ValueTask<Brewing>(new Brewing(n))));

    public static async Task<object> TaskOfObject(int n)
    {
        await Task.Yield();
        return NextAsync(n);
    }

    public static ValueTask<object> ValueTaskOfObject(int n) => new(NextAsync(n));

    public static Future<object> OwnAwaiterOfObject(int n) => new InlineExecutor().Submit(object () => NextAsync(n));

    public static object ObjectOfItself(int n) => new Mirror();

    public static List<object> ListOfTasks(int n) => [n, Task.FromResult(n)];

    public static object ListOfAsync(int n) => new List<object> { n, NextAsync(n) };

    public static object MemberOfTask(int n) => new { Number = n, Next = new ValueTask<int>(n) };

    public static object ObjectOfStream(int n) => new Numbers();

    private static async Task<int> NextAsync(int n)
    {
        await Task.Yield();
        return n < 0 ? throw new InvalidDataException("below zero") : n + 1;
    }

    private static async Task PlainAsync() => await Task.Yield();

    private static Task<string?> TextAsync(string method, string item, ResultForm form = ResultForm.Text)
    {
        TargetCall call = CallOf(method, form);
        return call.IsAsynchronous ? call.RunAsync(item, new NoSink()) : Task.Run(() => call.Run(item, new NoSink()));
    }

    private static TargetCall CallOf(string method, ResultForm form = ResultForm.Text) =>
        TargetCalls.Create(MethodRoles.Of(typeof(AwaitableTests).GetMethod(method)!), ItemFormat.Text, form);

    private sealed class NoSink : IProgressSink
    {
        public void Report(object? value)
        {
        }
    }
}

public sealed class Brewing(int n)
{
    public Awaiter GetAwaiter() => new(n);

    /// <summary>Completes on another thread.</summary>
    public struct Awaiter(int n) : INotifyCompletion
    {
        public bool IsCompleted => false;

        public void OnCompleted(Action continuation) => ThreadPool.QueueUserWorkItem(static go => go(), continuation, preferLocal: false);

        public int GetResult() => n < 0 ? throw new InvalidDataException("it boiled over") : n + 1;
    }
}

public sealed class OwnTask(Func<int> work) : Task<int>(work)
{
    public static OwnTask Start(int n)
    {
        var task = new OwnTask(() => n + 1);
        task.Start(TaskScheduler.Default);
        return task;
    }
}

public class Drink(int n)
{
    public int Number => n;
}

public sealed class Tea(int n) : Drink(n)
{
    public Brewing.Awaiter GetAwaiter() => new(Number);
}

/// <summary>Results in itself.</summary>
public sealed class Mirror
{
    public Awaiter GetAwaiter() => new(this);

    public readonly struct Awaiter(Mirror mirror) : INotifyCompletion
    {
        public bool IsCompleted => true;

        public void OnCompleted(Action continuation) => continuation();

        public object GetResult() => mirror;
    }
}

public sealed class Numbers : IObservable<int>
{
    public IDisposable Subscribe(IObserver<int> observer) => throw new NotSupportedException();
}
