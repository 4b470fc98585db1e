using System.Runtime.Versioning;
using Samovar.Serialization;

namespace Samovar.Tests.Contract;

/// <summary>What is common to the executors that run work in other processes.</summary>
[SupportedOSPlatform("linux")]
public abstract class ShippingExecutorContract : ExecutorContract, IDisposable
{
    private readonly List<ProcessGate> _gates = [];

    public void Dispose()
    {
        foreach (var gate in _gates) gate.Dispose();
        GC.SuppressFinalize(this);
    }

    [Promise]
    public async Task What_a_dependent_task_captured_is_as_it_was_when_it_was_submitted()
    {
        await using var executor = Build();
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = threads.Submit(() =>
        {
            release.Pass();
            return 1;
        });
        List<int> captured = [2, 3];
        var dependent = Submit(executor, input, captured);
        captured.Add(4);
        release.Open();
        (await dependent).ShouldBe("1,2,3");

        static Future<string> Submit(Executor executor, Future<int> input, List<int> captured) =>
            executor.Submit(input, first => string.Join(',', [first, .. captured]));
    }

    [Promise]
    public async Task A_dependent_task_that_captures_what_cannot_travel_is_refused_at_the_call()
    {
        await using var executor = Build();
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = threads.Submit(() =>
        {
            release.Pass();
            return 1;
        });
        using var stream = File.OpenRead("/dev/null");
        Should.Throw<UnshippableException>(() => Submit(executor, input, stream)).Message.ShouldContain("FileStream");
        executor.GetStatistics().Submitted.ShouldBe(0);
        release.Open();
        await input;

        static Future<int> Submit(Executor executor, Future<int> input, FileStream stream) => executor.Submit(input, first => first + stream.ReadByte());
    }

    [Promise]
    public async Task An_input_that_cannot_travel_fails_the_task_that_takes_it()
    {
        await using var executor = Build();
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = threads.Submit(() =>
        {
            release.Pass();
            return File.OpenRead("/dev/null");
        });
        var dependent = executor.Submit(input, static stream => stream.ReadByte());
        release.Open();
        await Should.ThrowAsync<UnshippableException>(async () => await dependent);
        (await input).Dispose();
        (await executor.Submit(static () => 1)).ShouldBe(1);
    }

    protected static ProcessExecutorOptions Options(ContractOptions options) => new()
    {
        Workers = options.Workers,
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
        Resources = options.Resources,
        ExitHook = options.ExitHook,
    };

    protected override Gate NewGate()
    {
        var gate = new ProcessGate();
        lock (_gates) _gates.Add(gate);
        return gate;
    }
}
