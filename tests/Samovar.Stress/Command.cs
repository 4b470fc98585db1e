using System.Globalization;

namespace Samovar.Stress;

/// <summary>One kind of stress.</summary>
/// <param name="Summary">What must hold.</param>
/// <param name="Usage">Its arguments with their defaults.</param>
/// <param name="RunAsync">Runs it; gives the exit code.</param>
internal sealed record Command(string Summary, string Usage, Func<CommandArguments, Task<int>> RunAsync);

/// <summary>Arguments of the form <c>--name value</c>.</summary>
internal sealed class CommandArguments(string[] arguments)
{
    /// <summary>Returns an argument by its place; null if there are only named ones there.</summary>
    public string? Word(int at) => at < arguments.Length && !arguments[..(at + 1)].Any(static word => word.StartsWith('-')) ? arguments[at] : null;

    public int Number(string name, int otherwise)
    {
        int at = Array.IndexOf(arguments, "--" + name);
        return at < 0 ? otherwise : int.Parse(arguments[at + 1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }
}
