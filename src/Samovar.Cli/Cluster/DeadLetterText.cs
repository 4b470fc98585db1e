using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Cli.Map.Outputs;
using Spectre.Console;

namespace Samovar.Cli.Cluster;

/// <summary>Writes dead letters as text and as JSON.</summary>
internal static class DeadLetterText
{
    private const int LongestReason = 120;
    private const int MostTasks = 100;

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void List(IReadOnlyList<DeadLetterItem> items, IAnsiConsole console)
    {
        var table = new Table().NoBorder().AddColumn("ID").AddColumn("TIME (UTC)").AddColumn("QUEUE").AddColumn(new TableColumn("BYTES").RightAligned())
            .AddColumn(new TableColumn("TASKS").RightAligned()).AddColumn("MOVED BY").AddColumn("REASON");
        foreach (var (letter, content) in items)
        {
            string[] cells =
            [
                letter.Id, Time(letter), Queue(letter), Number(letter.Body.Length), content.Tasks.Count == 0 ? "?" : Number(content.Tasks.Count),
                TextFormat.Short(letter.Member ?? "broker"), TextFormat.Short(letter.Reason, LongestReason),
            ];
            table.AddRow(cells.Select(static cell => new Text(cell)));
        }

        console.Write(table);
    }

    public static string Details(DeadLetterItem item)
    {
        var (letter, content) = item;
        var text = new StringBuilder();
        Add("id", letter.Id);
        Add("time", Time(letter));
        Add("queue", Queue(letter));
        Add("moved by", letter.Member ?? "the broker");
        Add("deliveries", letter.Deliveries == 0 ? "unknown" : Number(letter.Deliveries));
        Add("reason", letter.Reason);
        Add("bytes", Number(letter.Body.Length));
        if (content.Problem is { } problem) Add("content", problem);
        if (content.Build is { } build) Add("build", build);
        if (content.Owner is { } owner) Add("owner", $"{owner}");
        foreach (var task in content.Tasks.Take(MostTasks)) Add("task", $"{task.Id}, attempt {task.Attempt}, {Number(task.Size)} bytes{(task.Name is { } name ? $": {name}" : "")}");
        if (content.Tasks.Count > MostTasks) Add("", $"and {Number(content.Tasks.Count - MostTasks)} more tasks");
        return text.ToString();

        void Add(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-11} {TextFormat.Short(value, int.MaxValue)}\n");
    }

    public static string Json(IReadOnlyList<DeadLetterItem> items) => JsonSerializer.Serialize(items.Select(Shape), s_json);

    public static string Json(DeadLetterItem item) => JsonSerializer.Serialize(Shape(item), s_json);

    // Property names are a stable interface: new ones may be added, existing ones never change.
    private static object Shape(DeadLetterItem item) => new
    {
        id = item.Id,
        time = item.Letter.Time,
        queue = Queue(item.Letter),
        movedBy = item.Letter.Member,
        deliveries = item.Letter.Deliveries,
        reason = item.Letter.Reason,
        bytes = item.Letter.Body.Length,
        problem = item.Content.Problem,
        build = item.Content.Build,
        owner = item.Content.Owner,
        tasks = item.Content.Tasks.Select(static task => new { id = task.Id, attempt = task.Attempt, name = task.Name, bytes = task.Size }),
    };

    private static string Time(ClusterDeadLetter letter) => letter.Time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "unknown";

    private static string Queue(ClusterDeadLetter letter) => letter.Priority.ToString().ToLowerInvariant();

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
