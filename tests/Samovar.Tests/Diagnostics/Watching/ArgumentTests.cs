using Samovar.Primitives;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>Previews of arguments are short, call no code of the program, and are shown only to watchers that request them.</summary>
[Collection(nameof(Watcher))]
public sealed class ArgumentTests
{
    [ThreadFact]
    public void A_preview_names_the_captured_values()
    {
        string path = "a.csv";
        int size = 12;
        byte[] table = new byte[4_000];
        object odd = new Odd();
        Uri? nothing = null;

        ArgumentPreview.Of(() => GC.KeepAlive((path, size, table, odd, nothing))).ShouldBe("path = \"a.csv\", size = 12, table = byte[4,000], odd = Odd, nothing = null");
    }

    [ThreadFact]
    public void A_preview_is_cut()
    {
        string text = new('x', 100_000), other = text, third = text, fourth = text;

        string preview = ArgumentPreview.Of(() => GC.KeepAlive((text, other, third, fourth)))!;

        preview.Length.ShouldBe(ArgumentPreview.Longest + 1);
        preview.ShouldEndWith("…");
        preview.ShouldContain("…\" (100,000 characters)");
    }

    [ThreadFact]
    public void A_delegate_that_captures_nothing_has_no_preview() => ArgumentPreview.Of(static () => { }).ShouldBeNull();

    [ThreadFact]
    public async Task Only_a_watcher_that_requests_arguments_gets_them()
    {
        await using var executor = new ThreadExecutor(new() { Name = "argued", Workers = 1 });
        await using var blind = await Watcher.StartAsync();
        await using var watcher = await Watcher.StartAsync(showsArguments: true);
        string secret = "no milk";
        await executor.Submit(() => throw new FormatException($"{secret.Length}")).EndedAsync();
        await Should.ThrowAsync<FormatException>(async () => await executor.ForEachAsync([7], static item => throw new FormatException($"{item}")));
        var picture = await watcher.PictureAsync(static picture => Watcher.Executor(picture, "argued")!.Value.GetProperty("failed").GetInt64() == 2);
        int number = Watcher.Executor(picture, "argued")!.Value.GetProperty("id").GetInt32();

        var task = await watcher.AskAsync($"\"what\":\"task\",\"executor\":{number},\"id\":1");
        var item = await watcher.AskAsync($"\"what\":\"task\",\"executor\":{number},\"id\":2");
        var failures = await watcher.AskAsync("\"what\":\"failures\"");
        var unseen = await blind.AskAsync($"\"what\":\"task\",\"executor\":{number},\"id\":1");
        var unseenFailures = await blind.AskAsync("\"what\":\"failures\"");

        task.GetProperty("arguments").GetString()!.ShouldStartWith("secret = \"no milk\"");
        item.GetProperty("arguments").GetString().ShouldBe("item = 7");
        failures.GetRawText().ShouldContain("no milk");
        watcher.Hello.GetProperty("arguments").GetBoolean().ShouldBeTrue();
        unseen.GetRawText().ShouldNotContain("no milk");
        unseenFailures.GetRawText().ShouldNotContain("no milk");
        blind.Hello.GetProperty("arguments").GetBoolean().ShouldBeFalse();
    }

    private sealed class Odd
    {
        public override string ToString() => throw new InvalidOperationException("no");
    }
}
