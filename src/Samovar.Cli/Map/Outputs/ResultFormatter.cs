using System.Text.Json;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes results in one format.</summary>
/// <param name="output">The output.</param>
/// <param name="withInput">Whether to write each result together with its input.</param>
internal abstract class ResultFormatter(AppendBuffer output, bool withInput)
{
    /// <summary>The outcome of an item whose result does not fit the format.</summary>
    public const string MisfitType = "ResultDoesNotFit";

    public AppendBuffer Output => output;

    protected bool WithInput => withInput;

    /// <summary>Writes the result of a finished item, if it has one.</summary>
    /// <returns>Null if the result was written; otherwise, why it does not fit the format, and nothing was written.</returns>
    public abstract string? Write(in InputItem item, in ItemReport report);

    /// <param name="format">The format.</param>
    /// <param name="output">The output; not empty if a run is resumed.</param>
    /// <param name="withInput">Whether to write each result together with its input.</param>
    /// <param name="columns">For CSV: the properties of the result; null to use those of the first result.</param>
    public static ResultFormatter Create(ResultFormat format, AppendBuffer output, bool withInput, IReadOnlyList<string>? columns) => format switch
    {
        ResultFormat.Csv => new CsvResults(output, withInput, columns, CsvResults.Comma),
        ResultFormat.Tsv => new CsvResults(output, withInput, columns, CsvResults.Tab),
        ResultFormat.Jsonl => new JsonLineResults(output, withInput),
        _ => new TextResults(output, withInput),
    };

    private sealed class TextResults(AppendBuffer output, bool withInput) : MethodResults(output, withInput)
    {
        protected override string? Write(in InputItem item, string result)
        {
            if (WithInput)
            {
                Output.Append(item.Text);
                Output.Append("\t");
            }

            Output.Append(result);
            Output.Append("\n");
            return null;
        }
    }

    private sealed class JsonLineResults(AppendBuffer output, bool withInput) : MethodResults(output, withInput)
    {
        protected override string? Write(in InputItem item, string result)
        {
            if (WithInput)
            {
                Output.Append("{\"input\":");
                Output.Append(JsonSerializer.Serialize(item.Text, Methods.ValueJson.Writing));
                Output.Append(",\"result\":");
                Output.Append(result);
                Output.Append("}\n");
                return null;
            }

            Output.Append(result);
            Output.Append("\n");
            return null;
        }
    }
}

/// <summary>Writes what a method has returned.</summary>
internal abstract class MethodResults(AppendBuffer output, bool withInput) : ResultFormatter(output, withInput)
{
    public sealed override string? Write(in InputItem item, in ItemReport report) =>
        report is { Status: ItemStatus.Succeeded, Text: { } text } ? Write(item, text) : null;

    /// <param name="item">The item.</param>
    /// <param name="result">The result: text, or JSON for formats other than text.</param>
    /// <returns>Null if the result was written; otherwise, why it does not fit the format, and nothing was written.</returns>
    protected abstract string? Write(in InputItem item, string result);
}
