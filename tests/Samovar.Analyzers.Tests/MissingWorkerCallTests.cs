using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class MissingWorkerCallTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string code, string property = "PublishSingleFile", string value = "true") =>
        RuleRunner.CheckAsync(new MissingWorkerCallAnalyzer(), code, (property, value));

    [ProcessTheory]
    [InlineData("await using var pool = [|new ProcessExecutor()|];")]
    [InlineData("await using ProcessExecutor pool = [|new()|];")]
    [InlineData("var child = [|ChildProcess.Start(() => { })|];")]
    [InlineData("var child = [|ChildProcess.Start(() => 1)|];")]
    [InlineData("var child = [|new ChildProcess<int>(() => 1)|];")]
    [InlineData("Func<Func<int>, ChildProcess<int>> start = [|ChildProcess.Start|]; start(() => 1);")]
    [InlineData("Use(); static void Use() { var pool = [|new ProcessExecutor()|]; }")]
    [InlineData("Samovar.Hosting.SamovarBuilder services = null!; [|services.AddProcessExecutor()|]; namespace Samovar.Hosting { class SamovarBuilder { public void AddProcessExecutor() { } } }")]
    public async Task A_program_that_uses_processes_without_the_call_is_reported(string code) =>
        (await Check(code)).ShouldHaveSingleItem().GetMessage().ShouldContain("call ProcessWorker.RunIfWorker(args) first in Main");

    [ProcessTheory]
    [InlineData("PublishSingleFile")]
    [InlineData("SelfContained")]
    [InlineData("PublishSelfContained")]
    public async Task The_report_names_the_property_that_requires_the_call(string property) =>
        (await Check("var pool = [|new ProcessExecutor()|];", property, "True")).ShouldHaveSingleItem().GetMessage().ShouldContain($"The project sets {property}");

    [ProcessFact]
    public Task Several_uses_are_one_report() => Check("var pool = [|new ProcessExecutor()|]; var child = ChildProcess.Start(() => 1);");

    [ProcessTheory]
    [InlineData("ProcessWorker.RunIfWorker(args); var pool = new ProcessExecutor();")]
    [InlineData("Begin(args); var pool = new ProcessExecutor(); static void Begin(string[] args) => ProcessWorker.RunIfWorker(args);")]
    [InlineData("Action<string[]> begin = ProcessWorker.RunIfWorker; begin(args); var pool = new ProcessExecutor();")]
    [InlineData("var threads = new ThreadExecutor();")]
    public Task A_program_with_the_call_or_without_processes_is_not(string code) => Check(code);

    [ProcessTheory]
    [InlineData("PublishSingleFile", "false")]
    [InlineData("PublishSingleFile", "")]
    [InlineData("PublishTrimmed", "true")]
    public Task A_program_that_dotnet_starts_is_not(string property, string value) => Check("var pool = new ProcessExecutor();", property, value);

    [ProcessFact]
    public Task A_program_that_is_compiled_ahead_of_time_is_not() => RuleRunner.CheckAsync(
        new MissingWorkerCallAnalyzer(), "var pool = new ProcessExecutor();", ("SelfContained", "true"), ("PublishAot", "true"));

    [ProcessFact]
    public Task A_library_is_not() => Check("class User { ProcessExecutor Make() => new(); }");
}
