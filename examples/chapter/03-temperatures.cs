#:project ../../src/Samovar/Samovar.csproj
#:project servers/Servers.csproj
#:property PublishAot=false

// Nine cities, asked one after another, on threads, and on one thread that waits for all of them.
// An argument is the address of another server; without one, and with OPENWEATHER_API_KEY in the environment, the real service is called.

using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Samovar;
using Samovar.Chapter.Servers;

string[] cities = ["Edmonton", "Victoria", "Winnipeg", "Fredericton", "Halifax", "Toronto", "Charlottetown", "Québec", "Regina"];
string? key = Environment.GetEnvironmentVariable("OPENWEATHER_API_KEY");

using var server = new WeatherServer();
var address = args is [var other] ? new Uri(other) : key is null ? server.Address : new Uri("https://api.openweathermap.org/");
using var client = new HttpClient { BaseAddress = address };
await using var threads = new ThreadExecutor(new() { Workers = cities.Length });
await AskAsync(cities[0]);   // warms up the connection and the code for all variants

await MeasureAsync("one after another", async () =>
{
    var answers = new List<double>();
    foreach (string city in cities) answers.Add(await AskAsync(city));
    return answers;
});
await MeasureAsync("a thread for each", async () => await threads.Map(cities, city => AskAsync(city).GetAwaiter().GetResult()).ToListAsync());
await MeasureAsync("one thread, nine coroutines", async () => [.. await Task.WhenAll(cities.Select(AskAsync))]);

async Task<double> AskAsync(string city)
{
    var answer = await client.GetFromJsonAsync<JsonNode>($"data/2.5/weather?q={Uri.EscapeDataString(city)},CA&units=metric&appid={key}");
    return (double)answer!["main"]!["temp"]!;
}

async Task MeasureAsync(string way, Func<Task<List<double>>> ask)
{
    long start = Stopwatch.GetTimestamp();
    var answers = await ask();
    var took = Stopwatch.GetElapsedTime(start);
    foreach (var (city, celsius) in cities.Zip(answers)) Console.WriteLine($"    it is {celsius:0} °C in {city}");
    Console.WriteLine($"{way}: {cities.Length} temperatures in {took.TotalSeconds:0.00} s");
}
