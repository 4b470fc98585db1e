using System.Text;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Tests.Map.Outputs;

public sealed class CsvResultsTests
{
    private readonly MemoryStream _written = new();

    [ProcessFact]
    public void A_result_with_a_column_of_its_own_fails_instead_of_losing_it()
    {
        ItemReport[] reports = Write(null, "{\"a\":1}", "{\"a\":2,\"b\":3}", "{}", "null", "7", "{\"a\":4}");

        Output.ShouldBe("a\n1\n\"\"\n\"\"\n4\n");
        reports.Select(r => r.Status).ShouldBe(
            [ItemStatus.Succeeded, ItemStatus.Failed, ItemStatus.Succeeded, ItemStatus.Succeeded, ItemStatus.Failed, ItemStatus.Succeeded]);
        reports[1].Text.ShouldBe("the result has the property 'b', which is not among the columns a; use --format jsonl for results with different properties");
        reports[4].Text.ShouldBe("the result 7 does not fit the columns a; use --format jsonl for results with different properties");
    }

    [ProcessFact]
    public void Null_is_a_record_of_empty_fields()
    {
        Write(["a", "b"], "null", "{\"b\":2}").ShouldAllBe(r => r.Status == ItemStatus.Succeeded);

        Output.ShouldBe("a,b\n,\n,2\n");
    }

    [ProcessFact]
    public void Results_without_columns_are_written_whole()
    {
        Write([], "1", "{\"a\":2}").ShouldAllBe(r => r.Status == ItemStatus.Succeeded);

        Output.ShouldBe("result\n1\n\"{\"\"a\"\":2}\"\n");
    }

    [ProcessFact]
    public void Tabs_separate_where_they_are_requested()
    {
        var results = ResultFormatter.Create(ResultFormat.Tsv, new AppendBuffer("out", _written, 0), withInput: true, ["a", "b"]);
        results.Write(new InputItem(1, "x\ty"), new ItemReport(ItemStatus.Succeeded, "{\"a\":1,\"b\":\"p,q\"}", 1, 1, 1, 1)).ShouldBeNull();
        results.Output.Flush();

        Output.ShouldBe("input\ta\tb\n\"x\ty\"\t1\tp,q\n");
    }

    private string Output => Encoding.UTF8.GetString(_written.ToArray());

    private ItemReport[] Write(string[]? columns, params string[] results)
    {
        var resultLog = new ResultLog(ResultFormatter.Create(ResultFormat.Csv, new AppendBuffer("out", _written, 0), withInput: false, columns), log: null);
        ItemReport[] reports = [.. results.Select((r, i) => resultLog.Append(new InputItem(i + 1, ""), new ItemReport(ItemStatus.Succeeded, r, 1, 1, 1, 1)))];
        resultLog.Flush();
        return reports;
    }
}
