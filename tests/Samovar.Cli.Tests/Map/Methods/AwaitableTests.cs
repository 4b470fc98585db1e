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
            .ShouldBe("The method returned null in the place of a Brewing to await.");

    [ProcessTheory]
    [InlineData(nameof(TaskInTask), "returns a Task in another task")]
    [InlineData(nameof(ComputationInTask), "in another task")]
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

    private static TargetCall CallOf(string method) =>
        TargetCalls.Create(MethodRoles.Of(typeof(AwaitableTests).GetMethod(method)!), ItemFormat.Text, ResultForm.Text);

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
