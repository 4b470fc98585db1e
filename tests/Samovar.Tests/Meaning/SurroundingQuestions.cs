using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Samovar.Tests.Meaning;

/// <summary>What surrounds a task: cultures, time zone, directory, environment, what flows.</summary>
internal static class SurroundingQuestions
{
    /// <summary>Set before any worker starts.</summary>
    public const string Variable = "SAMOVAR_TEST_MEANING";

    private static readonly AsyncLocal<string?> s_flowing = new();

    public static Questions All { get; } = Build();

    private static Questions Build()
    {
        var list = new Questions();
        list.Same("the current cultures, for every kind of delegate", "de-DE fr-FR", static async executor =>
        {
            Set("de-DE", "fr-FR");
            List<string> seen = [await executor.Submit(Cultures), await executor.Submit(CulturesLaterAsync)];
            await foreach (string found in executor.Map(Enumerable.Range(0, 50), static _ => Cultures())) seen.Add(found);
            await foreach (string found in executor.Map(Enumerable.Range(0, 3), static async _ => await CulturesLaterAsync())) seen.Add(found);
            await executor.ForEachAsync(Enumerable.Range(0, 50), static _ => Cultures().ShouldBe("de-DE fr-FR"));
            return string.Join('|', seen.Distinct());
        });
        list.Same("the formats of a culture that the program has changed", "1~5", static async executor =>
        {
            var own = new CultureInfo("de-DE");
            own.NumberFormat.NumberDecimalSeparator = "~";
            CultureInfo.CurrentCulture = own;
            return await executor.Submit(static () => (1.5).ToString(CultureInfo.CurrentCulture));
        });
        list.Same("cultures after a task has set others", "de-DE de-DE|de-DE de-DE", static async executor =>
        {
            Set("de-DE", "de-DE");
            await executor.Submit(static () => Set("ja-JP", "ja-JP"));
            return $"{await executor.Submit(Cultures)}|{Cultures()}";
        });
        list.Same("the current activity", "the submitter's", static async executor =>
        {
            using var activity = new Activity("meaning").Start();
            string trace = activity.TraceId.ToHexString();
            return await executor.Submit(() => Activity.Current?.TraceId.ToHexString() == trace) ? "the submitter's" : "another";
        });
        list.Same("an AsyncLocal that the task sets itself, after an await", "kept", static async executor => await executor.Submit(static async () =>
        {
            s_flowing.Value = "kept";
            await Task.Yield();
            return s_flowing.Value ?? "lost";
        }));
        list.Same("an AsyncLocal that the task before has set", "null", static async executor =>
        {
            await executor.Submit(static () => s_flowing.Value = "left behind");
            return await executor.Submit(static () => s_flowing.Value ?? "null");
        });
        list.Differs("an `AsyncLocal` value of the submitter", static async executor =>
        {
            s_flowing.Value = "flows";
            return await executor.Submit(static () => s_flowing.Value ?? "null");
        });
        list.Same("the local time zone", TimeZoneInfo.Local.ToSerializedString(), static () => TimeZoneInfo.Local.ToSerializedString());
        list.Same("the default encoding", Encoding.Default.WebName, static () => Encoding.Default.WebName);
        list.Same("a captured strict encoding, at a lone surrogate", nameof(EncoderFallbackException), static async executor =>
        {
            Encoding strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            return await executor.Submit(() => Failing(() => strict.GetBytes("\uD800")));
        });
        list.Same("bytes of captured encodings", "E4|C3A4|E400|00E4", static async executor =>
        {
            Encoding[] encodings = [Encoding.Latin1, Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode];
            return await executor.Submit(() => string.Join('|', encodings.Select(static encoding => Convert.ToHexString(encoding.GetBytes("ä")))));
        });
        list.Same("the current directory, as it was when the executor was built", Environment.CurrentDirectory, static () => Environment.CurrentDirectory);
        list.Same("an environment variable, as it was when the executor was built", "from the start", static () => Environment.GetEnvironmentVariable(Variable) ?? "none");
        list.Same("the program's folder", AppContext.BaseDirectory, static () => AppContext.BaseDirectory);
        list.Same("a switch of the runtime configuration", "False", static () =>
            $"{AppContext.TryGetSwitch("System.Globalization.PredefinedCulturesOnly", out bool isOn) && isOn}");
        list.Differs("an environment variable that the program sets later", static async executor =>
        {
            Environment.SetEnvironmentVariable(Variable, "later");
            try
            {
                return await executor.Submit(static () => Environment.GetEnvironmentVariable(Variable) == "later") ? "seen" : "not seen";
            }
            finally
            {
                Environment.SetEnvironmentVariable(Variable, "from the start");
            }
        });
        list.Differs("an environment variable that a task sets, in the program", static async executor =>
        {
            await executor.Submit(static () => Environment.SetEnvironmentVariable(Variable + "_TASK", "set"));
            bool isSeen = Environment.GetEnvironmentVariable(Variable + "_TASK") is not null;
            Environment.SetEnvironmentVariable(Variable + "_TASK", null);
            return isSeen ? "seen" : "not seen";
        });
        list.Differs("a current directory that the program sets later", static async executor =>
        {
            string before = Environment.CurrentDirectory;
            Environment.CurrentDirectory = "/";
            try
            {
                return await executor.Submit(static () => Environment.CurrentDirectory == "/") ? "seen" : "not seen";
            }
            finally
            {
                Environment.CurrentDirectory = before;
            }
        });
        list.Differs("`Environment.ProcessId`", static async executor =>
            await executor.Submit(static () => Environment.ProcessId) == Environment.ProcessId ? "the program's" : "the worker's");
        list.Differs("`Environment.GetCommandLineArgs()`", static async executor =>
            (await executor.Submit(Environment.GetCommandLineArgs)).SequenceEqual(Environment.GetCommandLineArgs()) ? "the program's" : "the worker's");
        list.Differs("`Assembly.GetEntryAssembly()`", static async executor =>
            await executor.Submit(static () => System.Reflection.Assembly.GetEntryAssembly()?.GetName().Name) == System.Reflection.Assembly.GetEntryAssembly()!.GetName().Name
                ? "the program"
                : "Samovar");
        return list;
    }

    public static string Failing(Func<object?> work)
    {
        try
        {
            return $"{work()}";
        }
        catch (Exception error)
        {
            return error.GetType().Name; // the answer
        }
    }

    private static void Set(string culture, string uiCulture)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(uiCulture);
    }

    private static string Cultures() => $"{CultureInfo.CurrentCulture.Name} {CultureInfo.CurrentUICulture.Name}";

    private static async Task<string> CulturesLaterAsync()
    {
        await Task.Yield();
        return Cultures();
    }
}
