using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Samovar.Chapter.Servers;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>Nine cities are asked for their temperature.</summary>
internal sealed class Temperatures : Lesson
{
    private static readonly string[] s_cities =
        ["Edmonton", "Victoria", "Winnipeg", "Fredericton", "Halifax", "Toronto", "Charlottetown", "Québec", "Regina"];

    public override int Number => 3;

    public override string Title => "Temperatures";

    public override string Work => "nine cities' weather from a server that takes its time.";

    public override async Task TeachAsync(Classroom room)
    {
        using var server = new WeatherServer();
        using var client = new HttpClient { BaseAddress = server.Address };
        await AskAsync(client, s_cities[0]); // code is compiled, the connection made

        await using var threads = new ThreadExecutor(new() { Workers = s_cities.Length });
        await room.TimeAsync("one after another", async () =>
        {
            var answers = new List<double>();
            foreach (string city in s_cities) answers.Add(await AskAsync(client, city));
            return answers;
        }, Show);
        await room.TimeAsync("a thread for each", async () => await threads.Map(s_cities, city => AskAsync(client, city).GetAwaiter().GetResult()).ToListAsync(), Show);
        await room.TimeAsync("on the event loop", () => EventLoop.RunAsync(async () => (await Task.WhenAll(s_cities.Select(city => AskAsync(client, city)))).ToList()), Show);
    }

    private static async Task<double> AskAsync(HttpClient client, string city)
    {
        JsonNode? answer = await client.GetFromJsonAsync<JsonNode>($"data/2.5/weather?q={Uri.EscapeDataString(city)},CA&units=metric");
        return (double)answer!["main"]!["temp"]!;
    }

    private static string Show(List<double> answers) =>
        string.Join(", ", s_cities.Zip(answers, static (city, celsius) => string.Create(CultureInfo.InvariantCulture, $"{city} {celsius:0} °C")));
}
