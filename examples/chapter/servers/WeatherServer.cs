using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Samovar.Chapter.Servers;

/// <summary>
/// Serves the JSON format of OpenWeather's current weather (<c>GET /data/2.5/weather?q=CITY&amp;units=metric</c>,
/// https://openweathermap.org/current), for nine Canadian cities, with the latency of an overseas server.
/// </summary>
public sealed class WeatherServer : LocalServer
{
    private const double ZeroCelsius = 273.15;

    private static readonly Dictionary<string, (int Id, double Celsius, string Sky)> s_cities = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Edmonton"] = (5946768, -4.2, "Snow"),
        ["Victoria"] = (6174041, 8.9, "Rain"),
        ["Winnipeg"] = (6183235, -7.5, "Clear"),
        ["Fredericton"] = (5957776, 2.1, "Clouds"),
        ["Halifax"] = (6324729, 4.7, "Mist"),
        ["Toronto"] = (6167865, 5.3, "Clouds"),
        ["Charlottetown"] = (5920288, 3.0, "Drizzle"),
        ["Québec"] = (6325494, -1.4, "Snow"),
        ["Regina"] = (6119109, -9.8, "Clear"),
    };

    private readonly TimeSpan _latency;

    /// <param name="latency">The latency of a response; null for 120 ms.</param>
    public WeatherServer(TimeSpan? latency = null) => _latency = latency ?? TimeSpan.FromMilliseconds(120);

    /// <summary>Gets the names of the supported cities.</summary>
    public static IReadOnlyCollection<string> Cities => s_cities.Keys;

    /// <inheritdoc/>
    protected override async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(response);
        await Task.Delay(_latency).ConfigureAwait(false);
        string city = (request.QueryString["q"] ?? "").Split(',')[0];
        byte[] body;
        if (s_cities.TryGetValue(city, out var weather))
        {
            body = JsonSerializer.SerializeToUtf8Bytes(new
            {
                id = weather.Id,
                name = city,
                weather = new[] { new { main = weather.Sky } },
                main = new { temp = Math.Round(InUnits(weather.Celsius, request.QueryString["units"]), 2) },
                cod = 200,
            });
        }
        else
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            body = JsonSerializer.SerializeToUtf8Bytes(new { cod = response.StatusCode.ToString(CultureInfo.InvariantCulture), message = "city not found" });
        }

        response.ContentType = "application/json; charset=utf-8";
        await response.OutputStream.WriteAsync(body).ConfigureAwait(false);
    }

    private static double InUnits(double celsius, string? units) => units switch
    {
        "metric" => celsius,
        "imperial" => (celsius * 9 / 5) + 32,
        _ => celsius + ZeroCelsius,
    };
}
