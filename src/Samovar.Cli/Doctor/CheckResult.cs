using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>The result of probing for one <see cref="Doctor.Feature"/>.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Present">Whether it works on this machine.</param>
/// <param name="Detail">What the probe found: a path, a version, or the error of the system call.</param>
internal sealed record CheckResult([property: JsonIgnore] Feature Feature, bool Present, string Detail)
{
    [JsonPropertyOrder(-2)]
    public string Name => Feature.Name;

    [JsonPropertyOrder(-1)]
    public Severity Severity => Feature.Severity;

    /// <summary>Gets what is slower or unavailable without the feature; null if it is present.</summary>
    public string? Without => Present ? null : Feature.Without;

    public static CheckResult Found(Feature feature, string detail) => new(feature, true, detail);

    public static CheckResult Missing(Feature feature, string why) => new(feature, false, why);
}
