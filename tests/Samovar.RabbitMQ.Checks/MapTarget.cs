using System.Globalization;

namespace Samovar.RabbitMQ.Checks;

/// <summary>The method that <see cref="MapOnClusterTests"/> runs over items. All but the first items wait for the file <see cref="Gate"/> in the folder of
/// the test.</summary>
public static class MapTarget
{
    public const string FolderVariable = "SAMOVAR_MAP_TARGET_FOLDER";
    public const string Gate = "open";
    public const int First = 20;
    public const int Count = 100;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public static string Cube(int item, CancellationToken stop)
    {
        string folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException($"{FolderVariable} is not set.");
        while (item >= First && !File.Exists(Path.Combine(folder, Gate)))
        {
            stop.WaitHandle.WaitOne(s_pause);
            stop.ThrowIfCancellationRequested();
        }

        return string.Create(CultureInfo.InvariantCulture, $"{item} {(long)item * item * item}");
    }
}
