using System.Globalization;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Tests.Map.Outputs;

/// <summary>A run that is cut off at any byte of what it writes, and continued.</summary>
public sealed class ResultLogTests : IDisposable
{
    private const int Items = 12;
    private static readonly JobLogHeader s_header = new(JobLogHeader.CurrentVersion, "t", "m", "i", null, "text");

    private readonly MapFolder _folder = new();
    private readonly List<(bool IsLog, byte[] Bytes)> _writes = [];

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public void Wherever_a_run_is_cut_off_the_next_one_completes_it()
    {
        string whole = Record();
        int bytes = _writes.Sum(w => w.Bytes.Length);
        bytes.ShouldBeGreaterThan(1000);

        for (int cut = 0; cut <= bytes; cut++)
        {
            CutAt(cut);
            ResumePoint? point = Continue(count: Items);
            File.ReadAllText(_folder.PathOf("out")).ShouldBe(whole, $"cut after byte {cut}");
            _folder.Log("log").Select(l => l.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, Items).Select(n => (long)n), $"cut after byte {cut}");
            (point?.Done.Count ?? 0).ShouldBeInRange(0, Items);
        }
    }

    [ProcessFact]
    public void A_run_that_is_cut_off_again_and_again_is_completed_in_the_end()
    {
        string whole = Record();
        CutAt(_writes.Sum(w => w.Bytes.Length) / 3);
        for (int count = Items / 2; count <= Items; count++)
        {
            Continue(count);
            using FileStream log = File.OpenWrite(_folder.PathOf("log"));
            log.SetLength(log.Length - (count < Items ? 3 : 0)); // its last line is torn
        }

        File.ReadAllText(_folder.PathOf("out")).ShouldBe(whole);
    }

    [ProcessFact]
    public void A_result_whose_line_was_not_written_is_not_repeated()
    {
        Record();
        CutAt(_writes.TakeWhile(w => !w.IsLog).Sum(w => w.Bytes.Length)); // results only
        Continue(Items);

        _folder.Lines("out").Length.ShouldBe(Items - (Items / 7));
    }

    private static InputItem Item(int n) => new(n, $"item {n}");

    // One in seven fails, and has no result.
    private static ItemReport Report(int n) => n % 7 == 0
        ? new ItemReport(ItemStatus.Failed, "no", 1, 1, 1, 1, "System.Exception")
        : new ItemReport(ItemStatus.Succeeded, new string((char)('a' + (n % 26)), n), 1, 1, 1, 1);

    // Gathers more and more before each write.
    private string Record()
    {
        var results = new Recorder(this, isLog: false);
        var log = new JobLog(new AppendBuffer("log", new Recorder(this, isLog: true), 0), hasOutput: true);
        log.Begin(s_header);
        var resultLog = new ResultLog(ResultFormatter.Create(ResultFormat.Text, new AppendBuffer("out", results, 0), false, null), log);
        for (int n = 1; n <= Items; n++)
        {
            resultLog.Append(Item(n), Report(n));
            if (n % (1 + (n / 4)) == 0) resultLog.Flush();
        }

        resultLog.Flush();
        return string.Concat(_writes.Where(w => !w.IsLog).Select(w => System.Text.Encoding.UTF8.GetString(w.Bytes)));
    }

    private void CutAt(int bytes)
    {
        using FileStream results = File.Create(_folder.PathOf("out")), log = File.Create(_folder.PathOf("log"));
        foreach ((bool isLog, byte[] written) in _writes)
        {
            int kept = Math.Min(bytes, written.Length);
            (isLog ? log : results).Write(written, 0, kept);
            bytes -= kept;
        }
    }

    private ResumePoint? Continue(int count)
    {
        (ResultLog resultLog, ResumePoint? point) = OutputFiles.Open(
            _folder.PathOf("out"), _folder.PathOf("log"), resume: true, againFailed: false, byText: false, s_header,
            file => ResultFormatter.Create(ResultFormat.Text, file, false, null), static line => Assert.Fail(line));
        IEnumerable<InputItem> items = Enumerable.Range(1, count).Select(Item);
        foreach (InputItem item in point?.Done.Without(items) ?? items)
            resultLog.Append(item, Report(int.Parse(item.Text.AsSpan(5), CultureInfo.InvariantCulture)));
        resultLog.Flush();
        resultLog.Close();
        return point;
    }

    private sealed class Recorder(ResultLogTests test, bool isLog) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => test._writes.Add((isLog, buffer.ToArray()));
    }
}
