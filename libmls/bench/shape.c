#include "shape.h"

#include "group.h"
#include "must.h"
#include "resolution.h"

static double levels_of(uint32_t num_members)
{
    double levels = 0;
    for (uint32_t n = 1; n < num_members; n *= 2)
        levels++;
    return levels;
}

static double num_parents(const mls_tree_overlay_t *view)
{
    double count = 0;
    for (uint32_t n = 1; n < mls_num_nodes(view->summary.num_leaves); n += 2)
        count += !mls_tree_is_blank(view, (mls_node_index_t){ n });
    return count;
}

static double num_ciphertexts(const mls_tree_overlay_t *view, const mls_filtered_path_t *path)
{
    double count = 0;
    for (size_t i = 0; i < path->count; i++) {
        mls_index_list_t resolution = { 0 };
        bench_must(mls_tree_resolution(view, &resolution, path->steps[i].copath, true), "resolve a node");
        count += (double)resolution.count;
        mls_index_list_clear(&resolution);
    }
    return count;
}

static double num_common(const mls_filtered_path_t *path, uint32_t leaf)
{
    double count = 0;
    for (size_t i = 0; i < path->count; i++)
        count += mls_node_covers(path->steps[i].node, leaf);
    return count;
}

/* `view` is the tree after the proposals. */
static bench_shape_t shape_of(const mls_tree_overlay_t *view, uint32_t committer, uint32_t processor,
                              const mls_bytes_t *tree)
{
    mls_filtered_path_t path;
    mls_filtered_direct_path(view, &path, committer);
    return (bench_shape_t){ .members = view->summary.num_members,
                            .levels = levels_of(view->summary.num_members),
                            .steps = (double)path.count,
                            .common_steps = num_common(&path, processor),
                            .ciphertexts = num_ciphertexts(view, &path),
                            .tree_bytes = (double)tree->len,
                            .num_parents = num_parents(view) };
}

bench_shape_t bench_shape_of(const mls_group_t *committer, const mls_group_t *processor,
                             const mls_bytes_t *tree)
{
    return shape_of(&committer->view, committer->epoch->own_leaf, processor->epoch->own_leaf, tree);
}

/* The path as it was made: its length, and how many ciphertexts it has, are in the Commit. */
bench_shape_t bench_shape_of_commit(const mls_group_t *committer, const mls_group_t *processor,
                                    const mls_pending_commit_t *commit, const mls_bytes_t *tree)
{
    const mls_update_path_t *update = &commit->staged->commit.path;
    bench_shape_t shape = bench_shape_of(committer, processor, tree);
    shape.message_bytes = (double)commit->message.len;
    shape.steps = (double)commit->path.count;
    shape.common_steps = num_common(&commit->path, processor->epoch->own_leaf);
    shape.ciphertexts = 0;
    for (size_t i = 0; commit->staged->commit.has_path && i < update->nodes.count; i++)
        shape.ciphertexts += (double)update->nodes.items[i].encrypted_path_secret.count;
    return shape;
}

/* The joiner takes the first blank leaf, or a new one. */
bench_shape_t bench_shape_of_joiner(const mls_group_t *group, const mls_bytes_t *tree)
{
    mls_tree_overlay_t overlay;
    uint32_t leaf;
    bench_must(mls_tree_overlay_init(&overlay, group->tree), "begin a change");
    bench_must(mls_tree_make_place(&overlay, &leaf, UINT32_MAX), "find a place");
    bench_shape_t shape = shape_of(&overlay, leaf, 0, tree);
    mls_tree_overlay_clear(&overlay);
    return shape;
}
