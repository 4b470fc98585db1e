namespace Samovar.Tests.Processes;

/// <summary>The examples in the documentation of worker processes and child processes, see <c>DocumentationExampleTests</c>.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class ProcessExampleTests
{
    private static string[] s_words = [];

    [ProcessFact]
    public async Task ProcessExecutor_runs_work_in_another_process()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 2 });
        string word = "samovar";
        (int process, int length) = await executor.Submit(() => (Environment.ProcessId, word.Length));
        Console.WriteLine($"process {process} returned {length} to process {Environment.ProcessId}");

        process.ShouldNotBe(Environment.ProcessId);
        length.ShouldBe(7);
    }

    [ProcessFact]
    public async Task Initializer_sets_static_fields_of_the_workers()
    {
        string text = "tea samovar cup";
        await using var executor = new ProcessExecutor(new() { Initializer = () => s_words = text.Split(' ') });
        bool isKnown = await executor.Submit(() => s_words.Contains("samovar")); // reads the worker's static field

        isKnown.ShouldBeTrue();
        s_words.ShouldBeEmpty();
    }

    [ProcessFact]
    public void PostMortem_reports_what_a_program_was_doing_when_it_was_killed()
    {
        List<string> report = [];
        foreach (var program in PostMortem.FindAll().Where(static program => !program.IsRunning && program.Program == "kitchen.dll"))
        {
            foreach (var worker in program.Workers) report.Add($"{worker.Executor} was running {worker.RunningTask?.Function ?? "nothing"}");
            program.Remove();
        }

        report.ShouldBeEmpty(); // there is no such program
    }

    [ProcessFact]
    public async Task MaxTasksPerWorker_replaces_a_worker()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 1, MaxTasksPerWorker = 1 });
        int first = await executor.Submit(() => Environment.ProcessId);
        int second = await executor.Submit(() => Environment.ProcessId); // another process

        second.ShouldNotBe(first);
    }

    [ProcessFact]
    public async Task Start_runs_one_function_in_its_own_process()
    {
        int limit = 1000;
        var child = ChildProcess.Start(() => Enumerable.Range(1, limit).Sum());
        int sum = await child.JoinAsync();
        Console.WriteLine($"process {child.Id} returned {sum} and exited with code {child.ExitCode}");

        sum.ShouldBe(500_500);
        child.ExitCode.ShouldBe(0);
    }

    [ProcessFact]
    public async Task JoinAsync_throws_the_exception_of_the_function()
    {
        string message = "";
        var child = ChildProcess.Start(() => throw new FormatException("not a number"), new() { Output = WorkerOutput.Discard });
        try
        {
            await child.JoinAsync();
        }
        catch (FormatException error)
        {
            message = $"{error.Message}, exit code {child.ExitCode}"; // not a number, exit code 1
        }

        message.ShouldBe("not a number, exit code 1");
    }

    [ProcessFact]
    public async Task Kill_stops_the_process()
    {
        var endless = ChildProcess.Start(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token));
        endless.Kill();
        await endless.JoinAsync(); // throws nothing
        Console.WriteLine(endless.ExitCode); // -9: the number of the signal, negative

        endless.ExitCode.ShouldBe(-9);
    }

    [ProcessFact]
    public async Task ExitHook_returns_what_each_worker_has_counted()
    {
        var counts = new WorkerState<Tally>(() => new Tally());
        var executor = new ProcessExecutor(new() { Workers = 2, ExitHook = () => counts.Value.Cups });
        for (int cup = 0; cup < 10; cup++) await executor.Submit(() => { counts.Value.Cups++; });
        int cups = (await executor.CollectExitResultsAsync<int>()).Sum(exit => exit.Value); // 10

        cups.ShouldBe(10);
    }

    private sealed class Tally
    {
        public int Cups { get; set; }
    }
}
