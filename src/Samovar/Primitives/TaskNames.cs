namespace Samovar.Primitives;

/// <summary>Names tasks in errors.</summary>
internal static class TaskNames
{
    /// <summary>Returns, for example, <c>task 3 'load'</c>, or <c>task 3</c> if it has no name.</summary>
    public static string Of(long id, string? name) => name is null ? $"task {id}" : $"task {id} '{name}'";

    /// <summary>Like <see cref="Of"/>, for the beginning of a sentence.</summary>
    public static string AtStart(long id, string? name) => name is null ? $"Task {id}" : $"Task {id} '{name}'";
}
