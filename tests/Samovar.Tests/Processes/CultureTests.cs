using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Tests.Processes;

/// <summary>Work in other processes runs under the cultures of its submitter.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class CultureTests
{
    private static int s_attempts; // a worker's own

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessTheory]
    [InlineData(ChannelKind.Linux)]
    [InlineData(ChannelKind.Portable)]
    [InlineData(ChannelKind.Local)]
    internal async Task Work_of_every_shape_runs_under_the_cultures_of_its_submitter_and_the_next_does_not(ChannelKind channel)
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Channel = channel, InProcess = channel == ChannelKind.Local });
        await UnderAsync("de-DE", "fr-FR", async () =>
        {
            (await pool.Submit(Describe)).ShouldBe("de-DE fr-FR");
            (await pool.Submit(DescribeLaterAsync)).ShouldBe("de-DE fr-FR");
            (await pool.Submit(Carrying(new byte[100_000]))).ShouldBe("100000de-DE fr-FR");
            (await pool.Submit(static () => s_attempts++ == 0 ? throw new IOException() : Describe(), new() { Retry = new RetryPolicy { Delay = TimeSpan.Zero } }))
                .ShouldBe("de-DE fr-FR");
            (await pool.Map(Enumerable.Range(0, 2000), static _ => Describe(), cancellationToken: Token).ToListAsync(Token)).Distinct().ShouldBe(["de-DE fr-FR"]);
            await pool.ForEachAsync(Enumerable.Range(0, 20), static _ => Describe().ShouldBe("de-DE fr-FR"), cancellationToken: Token);
            (await pool.MapOutcomes(Enumerable.Range(0, 3), static async _ => await DescribeLaterAsync(), cancellationToken: Token).ToListAsync(Token))
                .ShouldAllBe(static outcome => outcome.Value == "de-DE fr-FR");
        });

        (await pool.Submit(Describe)).ShouldBe(Describe());
        await UnderAsync("ja-JP", "de-DE", async () => (await pool.Submit(Describe)).ShouldBe("ja-JP de-DE"));
    }

    [ProcessFact]
    public async Task What_work_does_to_its_cultures_does_not_reach_the_next()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        string[] own = [Describe(), "de-DE de-DE", Describe()];
        List<string> seen = [];
        foreach (string name in (string[])["", "de-DE", ""])
        {
            await UnderAsync(name, name, async () =>
            {
                await pool.Submit(static () => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("ja-JP"));
                seen.Add(await pool.Submit(Describe));
            });
        }

        seen.ShouldBe(own);
    }

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_culture_of_the_users_own_making_travels_with_its_formats_as_they_are_at_each_submit(bool inProcess)
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { InProcess = inProcess });
        var own = new CultureInfo("de-DE");
        own.NumberFormat.NumberDecimalSeparator = "~";
        await UnderAsync(own, async () =>
        {
            (await pool.Submit(static () => (1.5).ToString(CultureInfo.CurrentCulture))).ShouldBe("1~5");
            own.NumberFormat.NumberDecimalSeparator = "!";
            (await pool.Submit(static () => (1.5).ToString(CultureInfo.CurrentCulture))).ShouldBe("1!5");
        });
        await UnderAsync(CultureInfo.ReadOnly(own), async () =>
            (await pool.Submit(static () => (1.5).ToString(CultureInfo.CurrentCulture))).ShouldBe("1!5"));
    }

    [ProcessFact]
    public async Task Where_the_flow_is_suppressed_work_runs_under_what_its_worker_has_as_on_threads()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        string own = Describe();
        await UnderAsync("de-DE", "de-DE", async () =>
        {
            foreach (var executor in (Executor[])[pool, threads])
            {
                Future<string> future;
                using (ExecutionContext.SuppressFlow()) future = executor.Submit(Describe);
                (await future).ShouldBe(own);
            }
        });
    }

    [ProcessFact]
    public async Task A_child_runs_under_the_cultures_of_the_thread_that_starts_it()
    {
        Task<string>[] children = [];
        await UnderAsync("de-DE", "fr-FR", () =>
        {
            ChildProcess<string> suppressed;
            using (ExecutionContext.SuppressFlow()) suppressed = ChildProcess.Start(Describe);
            children = [ChildProcess.Start(Describe).JoinAsync(Token), suppressed.JoinAsync(Token)];
            return Task.CompletedTask;
        });

        (await Task.WhenAll(children)).ShouldBe(["de-DE fr-FR", Describe()]);
    }

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_defaults_that_a_program_declares_are_its_workers_too(bool inProcess)
    {
        await DeclaringAsync("de-DE", async () =>
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { InProcess = inProcess });
            (await pool.Submit(Describe)).ShouldBe("de-DE de-DE");
            (await pool.Submit(DescribeOnAThreadWithoutFlow)).ShouldBe("de-DE de-DE");
            await DeclaringAsync("ja-JP", async () => (await pool.Submit(Describe)).ShouldBe("ja-JP ja-JP"));
            await UnderAsync("fr-FR", "fr-FR", async () => (await pool.Submit(Describe)).ShouldBe("fr-FR fr-FR"));
        });
    }

    [ProcessFact]
    public async Task What_an_initializer_declares_holds_for_work_whose_submitter_has_chosen_nothing()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with
        {
            Initializer = static () => CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo("de-DE"),
        });

        (await pool.Submit(Describe)).ShouldBe("de-DE de-DE");
        await UnderAsync("fr-FR", "fr-FR", async () => (await pool.Submit(Describe)).ShouldBe("fr-FR fr-FR"));
    }

    [ProcessFact]
    public async Task A_culture_that_the_worker_does_not_have_fails_its_task_and_no_other()
    {
        using var invariant = RuntimeConfiguration("\"System.Globalization.PredefinedCulturesOnly\": false", "\"System.Globalization.PredefinedCulturesOnly\": true");
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { RuntimeConfiguration = invariant.Path });

        await UnderAsync("de-DE", "de-DE", async () =>
        {
            var error = await Should.ThrowAsync<CultureNotFoundException>(async () => await pool.Submit(Describe));
            error.Message.ShouldContain("'de-DE'");
            error.Message.ShouldContain("InvariantGlobalization");
        });
        (await pool.Submit(Describe)).ShouldBe(Describe());

        await DeclaringAsync("de-DE", async () =>
        {
            await using var declared = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { RuntimeConfiguration = invariant.Path });
            await Should.ThrowAsync<CultureNotFoundException>(async () => await declared.Submit(Describe));
        });
    }

    [ProcessFact]
    public async Task Numbers_and_dates_look_as_the_submitters_culture_has_them()
    {
        Assert.SkipUnless(HasIcu(), "There is no ICU on this machine.");
        using var globalized = RuntimeConfiguration("\"System.Globalization.Invariant\": true", "\"System.Globalization.Invariant\": false");
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { RuntimeConfiguration = globalized.Path });

        string text = "";
        await UnderAsync("de-DE", "de-DE", async () =>
            text = await pool.Submit(static () => $"{1.5} {new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc):d}"));

        text.ShouldBe("1,5 01.02.2026");
    }

    [ProcessFact]
    public async Task A_culture_that_cannot_travel_is_refused_where_the_work_is_submitted()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await UnderAsync(new HouseCulture(), () =>
        {
            var refused = Should.Throw<UnshippableException>(() => pool.Submit(Describe));
            refused.MemberPath.ShouldBe("CultureInfo.CurrentCulture");
            refused.Culprit.ShouldBe(typeof(HouseCulture));
            refused.Message.ShouldContain("SuppressFlow");
            Should.Throw<UnshippableException>(() => ChildProcess.Start(Describe)).Message.ShouldBe(refused.Message);
            return Task.CompletedTask;
        });

        ChildProcess.Active.ShouldBeEmpty();
    }

    private static string Describe() => $"{CultureInfo.CurrentCulture.Name} {CultureInfo.CurrentUICulture.Name}";

    private static Func<string> Carrying(byte[] large) => () => large.Length + Describe();

    private static async Task<string> DescribeLaterAsync()
    {
        await Task.Yield();
        await Task.Yield();
        return Describe();
    }

    private static string DescribeOnAThreadWithoutFlow()
    {
        string found = "";
        var thread = new Thread(() => found = Describe());
        thread.UnsafeStart();
        thread.Join();
        return found;
    }

    private static Task UnderAsync(string culture, string uiCulture, Func<Task> work) =>
        UnderAsync(CultureInfo.GetCultureInfo(culture), CultureInfo.GetCultureInfo(uiCulture), work);

    private static Task UnderAsync(CultureInfo culture, Func<Task> work) => UnderAsync(culture, CultureInfo.InvariantCulture, work);

    private static async Task UnderAsync(CultureInfo culture, CultureInfo uiCulture, Func<Task> work)
    {
        CultureInfo.CurrentCulture = culture; // until this asynchronous method returns
        CultureInfo.CurrentUICulture = uiCulture;
        await work();
    }

    private static async Task DeclaringAsync(string culture, Func<Task> work)
    {
        var (before, uiBefore) = (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture);
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            await work();
        }
        finally
        {
            (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture) = (before, uiBefore);
        }
    }

    /// <summary>That of these tests, with one setting changed.</summary>
    private static TemporaryFile RuntimeConfiguration(string setting, string other)
    {
        string own = File.ReadAllText(Path.ChangeExtension(typeof(CultureTests).Assembly.Location, ".runtimeconfig.json"));
        own.ShouldContain(setting);
        var file = new TemporaryFile(".runtimeconfig.json");
        File.WriteAllText(file.Path, own.Replace(setting, other, StringComparison.Ordinal));
        return file;
    }

    private static bool HasIcu() => Enumerable.Range(60, 40).Any(static version =>
    {
        if (!NativeLibrary.TryLoad($"libicuuc.so.{version}", out nint library)) return false;
        NativeLibrary.Free(library);
        return true;
    });

    private sealed class HouseCulture() : CultureInfo("de-DE");
}
