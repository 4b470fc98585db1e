using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>What probing for one <see cref="Doctor.Feature"/> brought to light.</summary>
/// <param name="Feature">What was looked for.</param>
/// <param name="Present">Whether it works here.</param>
/// <param name="Detail">What was seen: a path, a version, the error of the system call.</param>
internal sealed record CheckResult([property: JsonIgnore] Feature Feature, bool Present, string Detail)
{
    [JsonPropertyOrder(-2)]
    public string Name => Feature.Name;

    [JsonPropertyOrder(-1)]
    public Severity Severity => Feature.Severity;

    /// <summary>What is slower or missing here; null when nothing is.</summary>
    public string? Without => Present ? null : Feature.Without;

    public static CheckResult Found(Feature feature, string detail) => new(feature, true, detail);

    public static CheckResult Missing(Feature feature, string why) => new(feature, false, why);
}
