using System.Text.Json;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes results in one format.</summary>
/// <param name="output">Where to.</param>
/// <param name="withInput">Whether each result has its input beside it.</param>
internal abstract class ResultFormatter(AppendBuffer output, bool withInput)
{
    /// <summary>The outcome of an item whose result has no place in this format.</summary>
    public const string MisfitType = "ResultDoesNotFit";

    public AppendBuffer Output => output;

    protected bool WithInput => withInput;

    /// <param name="item">The item.</param>
    /// <param name="result">Its result: text, or JSON where the format is not text.</param>
    /// <returns>Why the result has no place here, so that nothing was written; null where it was written whole.</returns>
    public abstract string? Write(in InputItem item, string result);

    /// <param name="format">The format.</param>
    /// <param name="output">Where to; not empty where a run is continued.</param>
    /// <param name="withInput">Whether each result has its input beside it.</param>
    /// <param name="columns">Of CSV: the properties of the result; null to take those of the first one.</param>
    public static ResultFormatter Create(ResultFormat format, AppendBuffer output, bool withInput, IReadOnlyList<string>? columns) => format switch
    {
        ResultFormat.Csv => new CsvResults(output, withInput, columns, CsvResults.Comma),
        ResultFormat.Tsv => new CsvResults(output, withInput, columns, CsvResults.Tab),
        ResultFormat.Jsonl => new JsonLineResults(output, withInput),
        _ => new TextResults(output, withInput),
    };

    private sealed class TextResults(AppendBuffer output, bool withInput) : ResultFormatter(output, withInput)
    {
        public override string? Write(in InputItem item, string result)
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

    private sealed class JsonLineResults(AppendBuffer output, bool withInput) : ResultFormatter(output, withInput)
    {
        public override string? Write(in InputItem item, string result)
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
